package evalcore

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// The context scanner. It trusts its producer, our own serialiser, and is merely crash-proof: malformed bytes give
// errBadJSON, never an endless loop. Text from elsewhere goes through decodeStrict.

var (
	errBadJSON = errors.New("malformed JSON")
	errTooDeep = errors.New("JSON nested too deeply")
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ws(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString: b[i] is the opening quote; the index after the closing one.
func skipString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1, nil
		}
	}
	return i, errBadJSON
}

// skipValue is the index after the value that starts at b[i].
func skipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, errBadJSON
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		j, _, err := skipNested(b, i)
		return j, err
	}
	j := i
	for j < len(b) && b[j] != ',' && b[j] != '}' && b[j] != ']' && b[j] > ' ' {
		j++
	}
	if j == i {
		return j, errBadJSON
	}
	return j, nil
}

// skipNested also tells how deep the object or list nests.
func skipNested(b []byte, i int) (end, deepest int, err error) {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i, err = skipString(b, i); err != nil {
				return i, deepest, err
			}
			continue
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
			if depth > maxContextDepth {
				return i, deepest, errTooDeep
			}
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, deepest, nil
			}
		}
		i++
	}
	return i, deepest, errBadJSON
}

// decodeLazy leaves objects as bytes; lists become frozen native lists of lazily decoded elements.
func decodeLazy(b []byte, nesting int) starlark.Value {
	switch b[0] {
	case '{':
		return &Object{raw: b, nesting: nesting}
	case '[':
		var elems []starlark.Value
		for i := ws(b, 1); i < len(b) && b[i] != ']'; {
			j := must(skipValue(b, i))
			elems = append(elems, decodeLazy(b[i:j], nesting))
			if i = ws(b, j); i < len(b) && b[i] == ',' {
				i = ws(b, i+1)
			}
		}
		l := starlark.NewList(elems)
		l.Freeze()
		return l
	case '"':
		return starlark.String(must(decodeString(b)))
	case 't':
		return starlark.True
	case 'f':
		return starlark.False
	case 'n':
		return starlark.None
	}
	return must(decodeNumber(b))
}

// decodeString: b includes the quotes.
func decodeString(b []byte) (string, error) {
	if len(b) < 2 {
		return "", errBadJSON
	}
	s := b[1 : len(b)-1]
	escape := -1
	for i, c := range s {
		if c == '\\' {
			escape = i
			break
		}
	}
	if escape < 0 {
		return string(s), nil
	}
	out := append(make([]byte, 0, len(s)), s[:escape]...)
	for i := escape; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		if i++; i >= len(s) {
			return "", errBadJSON
		}
		switch s[i] {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case '"', '\\', '/':
			out = append(out, s[i])
		case 'u':
			r, n, ok := decodeEscape(s[i-1:])
			if !ok {
				return "", errBadJSON
			}
			out = utf8.AppendRune(out, r)
			i += n - 2
		default:
			return "", errBadJSON
		}
	}
	return string(out), nil
}

// decodeEscape reads \uXXXX, or two of them when they are a surrogate pair. A lone surrogate is U+FFFD.
func decodeEscape(s []byte) (r rune, length int, ok bool) {
	r, ok = hex4(s)
	if !ok || !utf16.IsSurrogate(r) {
		return r, 6, ok
	}
	if low, ok := hex4(s[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12, true
		}
	}
	return utf8.RuneError, 6, true
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s[2:6]), 16, 32)
	return rune(v), err == nil
}

func decodeNumber(b []byte) (starlark.Value, error) {
	s := string(b)
	for _, c := range b {
		if c == '.' || c == 'e' || c == 'E' {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil && !math.IsInf(f, 0) {
				return nil, errBadJSON
			}
			return starlark.Float(f), nil
		}
	}
	if len(b) < 19 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, errBadJSON
		}
		return starlark.MakeInt64(n), nil
	}
	z, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, errBadJSON
	}
	return starlark.MakeBigInt(z), nil
}
