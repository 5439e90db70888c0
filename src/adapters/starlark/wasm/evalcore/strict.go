package evalcore

import (
	"fmt"

	"go.starlark.net/starlark"
)

// decodeStrict reads JSON from anywhere into values of the program's own, which it may change.
func decodeStrict(text string) (v starlark.Value, err error) {
	d := strictDecoder{b: []byte(text)}
	v, err = d.value(0)
	if err == nil {
		if d.i = ws(d.b, d.i); d.i < len(d.b) {
			err = errBadJSON
		}
	}
	if err != nil {
		return nil, fmt.Errorf("json.decode: at offset %d: %w", d.i, err)
	}
	return v, nil
}

type strictDecoder struct {
	b []byte
	i int
}

func (d *strictDecoder) value(depth int) (starlark.Value, error) {
	if !starlark.Burn(1) {
		return nil, starlark.ErrFuel
	}
	if depth > maxContextDepth {
		return nil, errTooDeep
	}
	d.i = ws(d.b, d.i)
	if d.i >= len(d.b) {
		return nil, errBadJSON
	}
	switch c := d.b[d.i]; c {
	case '{':
		return d.object(depth)
	case '[':
		return d.list(depth)
	case '"':
		s, err := d.text()
		return starlark.String(s), err
	case 't':
		return starlark.True, d.word("true")
	case 'f':
		return starlark.False, d.word("false")
	case 'n':
		return starlark.None, d.word("null")
	}
	return d.number()
}

func (d *strictDecoder) word(w string) error {
	if len(d.b)-d.i < len(w) || string(d.b[d.i:d.i+len(w)]) != w {
		return errBadJSON
	}
	d.i += len(w)
	return nil
}

func (d *strictDecoder) object(depth int) (starlark.Value, error) {
	dict := new(starlark.Dict)
	err := d.each('}', func() error {
		if d.i >= len(d.b) || d.b[d.i] != '"' {
			return errBadJSON
		}
		key, err := d.text()
		if err != nil {
			return err
		}
		if d.i = ws(d.b, d.i); d.i >= len(d.b) || d.b[d.i] != ':' {
			return errBadJSON
		}
		d.i++
		v, err := d.value(depth + 1)
		if err != nil {
			return err
		}
		return dict.SetKey(starlark.String(key), v)
	})
	return dict, err
}

func (d *strictDecoder) list(depth int) (starlark.Value, error) {
	var elems []starlark.Value
	err := d.each(']', func() error {
		v, err := d.value(depth + 1)
		elems = append(elems, v)
		return err
	})
	return starlark.NewList(elems), err
}

// each reads the members between an opening bracket and its closing one.
func (d *strictDecoder) each(closing byte, member func() error) error {
	d.i = ws(d.b, d.i+1)
	if d.i < len(d.b) && d.b[d.i] == closing {
		d.i++
		return nil
	}
	for {
		if err := member(); err != nil {
			return err
		}
		if d.i = ws(d.b, d.i); d.i >= len(d.b) {
			return errBadJSON
		}
		switch d.b[d.i] {
		case closing:
			d.i++
			return nil
		case ',':
			d.i = ws(d.b, d.i+1)
		default:
			return errBadJSON
		}
	}
}

func (d *strictDecoder) text() (string, error) {
	end, err := skipString(d.b, d.i)
	if err != nil {
		return "", err
	}
	for _, c := range d.b[d.i:end] {
		if c < 0x20 {
			return "", errBadJSON
		}
	}
	s, err := decodeString(d.b[d.i:end])
	if err == nil {
		d.i = end
	}
	return s, err
}

// number checks the grammar that decodeNumber takes for granted.
func (d *strictDecoder) number() (starlark.Value, error) {
	start := d.i
	d.accept("-")
	if leading := d.i; d.digits() == 0 || d.b[leading] == '0' && d.i > leading+1 {
		return nil, errBadJSON
	}
	if d.accept(".") && d.digits() == 0 {
		return nil, errBadJSON
	}
	if d.accept("eE") {
		d.accept("+-")
		if d.digits() == 0 {
			return nil, errBadJSON
		}
	}
	if d.i-start > starlark.MaxIntBits/4 {
		return nil, fmt.Errorf("number of %d characters is too long", d.i-start)
	}
	return decodeNumber(d.b[start:d.i])
}

func (d *strictDecoder) accept(set string) bool {
	for n := range len(set) {
		if d.i < len(d.b) && d.b[d.i] == set[n] {
			d.i++
			return true
		}
	}
	return false
}

func (d *strictDecoder) digits() (n int) {
	for d.i < len(d.b) && d.b[d.i] >= '0' && d.b[d.i] <= '9' {
		d.i++
		n++
	}
	return n
}
