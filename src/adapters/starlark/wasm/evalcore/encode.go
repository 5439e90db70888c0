package evalcore

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// encoder writes JSON. Integers of any size are written exactly: what a reader cannot keep, it must refuse.
type encoder struct {
	buf   []byte
	limit int // of len(buf)
}

var errTooLarge = errors.New("the value is too large (more than 4 MiB of JSON)")

func encode(out []byte, v starlark.Value) ([]byte, error) {
	e := encoder{buf: out, limit: len(out) + MaxResult}
	if err := e.value(v, 1); err != nil {
		return nil, err
	}
	if len(e.buf) > e.limit {
		return nil, errTooLarge
	}
	return e.buf, nil
}

func (e *encoder) value(v starlark.Value, depth int) error {
	if len(e.buf) > e.limit {
		return errTooLarge
	}
	switch v := v.(type) {
	case starlark.NoneType:
		e.buf = append(e.buf, "null"...)
	case starlark.Bool:
		e.buf = strconv.AppendBool(e.buf, bool(v))
	case starlark.Int:
		if n, ok := v.Int64(); ok {
			e.buf = strconv.AppendInt(e.buf, n, 10)
		} else {
			e.buf = append(e.buf, v.String()...)
		}
	case starlark.Float:
		return e.float(float64(v))
	case starlark.String:
		if len(v) > MaxResult {
			return errTooLarge
		}
		e.buf = appendString(e.buf, string(v))
	case *Object:
		return e.copyOf(v, depth)
	case *starlark.Dict:
		return e.dict(v, depth)
	case starlark.Iterable: // list, tuple, set, range
		return e.list(v, depth)
	default:
		return errors.New("a value of type " + v.Type() + " is not JSON")
	}
	return nil
}

func (e *encoder) float(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return errors.New("the value contains a float that is not finite")
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e15) {
		format = 'e'
	}
	start := len(e.buf)
	e.buf = strconv.AppendFloat(e.buf, f, format, -1, 64)
	if format == 'f' && !strings.Contains(string(e.buf[start:]), ".") {
		e.buf = append(e.buf, ".0"...) // 1.0 is not 1
	}
	return nil
}

func (e *encoder) copyOf(o *Object, depth int) error {
	starlark.MustBurn(len(o.raw) >> 6)
	if len(e.buf)+len(o.raw) > e.limit {
		return errTooLarge
	}
	if depth+o.nesting-1 > maxResultDepth { // perhaps: look closer
		if _, nesting, err := skipNested(o.raw, 0); err != nil {
			return err
		} else if depth+nesting-1 > maxResultDepth {
			return errNesting
		}
	}
	e.buf = append(e.buf, o.raw...)
	return nil
}

var errNesting = errors.New("the value is nested too deeply, or contains itself")

func (e *encoder) list(v starlark.Iterable, depth int) error {
	if depth > maxResultDepth {
		return errNesting
	}
	e.buf = append(e.buf, '[')
	it := v.Iterate()
	defer it.Done()
	var x starlark.Value
	for i := 0; it.Next(&x); i++ {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if err := e.value(x, depth+1); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, ']')
	return nil
}

func (e *encoder) dict(d *starlark.Dict, depth int) error {
	if depth > maxResultDepth {
		return errNesting
	}
	e.buf = append(e.buf, '{')
	for i, kv := range d.Items() {
		starlark.MustBurn(1)
		k, ok := kv[0].(starlark.String)
		if !ok {
			return errors.New("the value has a dict with a key of type " + kv[0].Type() + "; JSON needs strings")
		}
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendString(e.buf, string(k))
		e.buf = append(e.buf, ':')
		if err := e.value(kv[1], depth+1); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, '}')
	return nil
}

const hexDigits = "0123456789abcdef"

func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0 // of the stretch not yet copied
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c < 0x20 || c == '"' || c == '\\' {
			dst = append(dst, s[from:i]...)
			from = i + 1
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
		}
		i++
	}
	return append(append(dst, s[from:]...), '"')
}
