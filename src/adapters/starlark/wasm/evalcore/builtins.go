package evalcore

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// builtins are ours; the universe has the rest.
var builtins = starlark.StringDict{
	"true":      starlark.True,
	"false":     starlark.False,
	"null":      starlark.None,
	"sum":       starlark.NewBuiltin("sum", sum),
	"json":      jsonValue{},
	stateResult: starlark.NewBuiltin("state result", orItself),
}

func sum(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var xs starlark.Iterable
	var total starlark.Value = starlark.MakeInt(0)
	if err := starlark.UnpackArgs("sum", args, kwargs, "iterable", &xs, "start?", &total); err != nil {
		return nil, err
	}
	it := xs.Iterate()
	defer it.Done()
	var x starlark.Value
	for it.Next(&x) {
		next, err := starlark.AddCharged(total, x)
		if err != nil {
			return nil, fmt.Errorf("sum: %w", err)
		}
		total = next
	}
	return total, nil
}

// jsonValue is the name `json`: one value with three attributes.
type jsonValue struct{}

func (jsonValue) String() string        { return "<module json>" }
func (jsonValue) Type() string          { return "module" }
func (jsonValue) Freeze()               {}
func (jsonValue) Truth() starlark.Bool  { return true }
func (jsonValue) Hash() (uint32, error) { return 0, errors.New("unhashable type: module") }
func (jsonValue) AttrNames() []string   { return []string{"decode", "encode", "indent"} }
func (jsonValue) Attr(name string) (starlark.Value, error) {
	if f := jsonModule[name]; f != nil {
		return f, nil
	}
	return nil, nil
}

var jsonModule = map[string]*starlark.Builtin{
	"encode": starlark.NewBuiltin("json.encode", func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var x starlark.Value
		if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &x); err != nil {
			return nil, err
		}
		text, err := encode(nil, x)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return starlark.String(text), nil
	}),
	"decode": starlark.NewBuiltin("json.decode", func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text string
		var otherwise starlark.Value
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, "x", &text, "default?", &otherwise); err != nil {
			return nil, err
		}
		starlark.MustBurn(len(text) >> 4)
		v, err := decodeStrict(text)
		if err != nil && otherwise != nil && !errors.Is(err, starlark.ErrFuel) {
			return otherwise, nil
		}
		return v, err
	}),
	"indent": starlark.NewBuiltin("json.indent", func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text, prefix string
		indent := "\t"
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, "x", &text, "prefix?", &prefix, "indent?", &indent); err != nil {
			return nil, err
		}
		starlark.MustBurn(len(text) >> 4)
		if _, err := decodeStrict(text); err != nil {
			return nil, fmt.Errorf("json.indent: %w", err)
		}
		return indented(text, prefix, indent)
	}),
}

// indented lays out JSON that is known to be valid.
func indented(text, prefix, indent string) (starlark.Value, error) {
	var out strings.Builder
	b, depth := []byte(text), 0
	newline := func() {
		starlark.MustBurn(1 + (len(prefix)+depth*len(indent))>>6)
		out.WriteString("\n" + prefix + strings.Repeat(indent, depth))
	}
	for i := ws(b, 0); i < len(b); i = ws(b, i) {
		switch c := b[i]; c {
		case '"':
			end := must(skipString(b, i))
			out.Write(b[i:end])
			i = end
			continue
		case '{', '[':
			out.WriteByte(c)
			if next := ws(b, i+1); b[next] == c+2 { // '}' and ']' follow two after
				out.WriteByte(b[next])
				i = next
				break
			}
			depth++
			newline()
		case '}', ']':
			depth--
			newline()
			out.WriteByte(c)
		case ',':
			out.WriteByte(c)
			newline()
		case ':':
			out.WriteString(": ")
		default:
			out.WriteByte(c)
		}
		if out.Len() > MaxResult {
			return nil, errTooLarge
		}
		i++
	}
	return starlark.String(out.String()), nil
}

// orItself is the hidden call that rewrite puts around E in E.result: the answer gives the key if E has it, else E.
func orItself(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	return ownKeyOrItself{args[0]}, nil
}

type ownKeyOrItself struct{ starlark.Value }

func (r ownKeyOrItself) AttrNames() []string { return nil }

func (r ownKeyOrItself) Attr(name string) (starlark.Value, error) {
	v, _, err := r.Get(starlark.String(name))
	return v, err
}

func (r ownKeyOrItself) Get(key starlark.Value) (starlark.Value, bool, error) {
	if m, ok := r.Value.(starlark.Mapping); ok {
		if v, found, err := m.Get(key); found || err != nil {
			return v, found, err
		}
	}
	return r.Value, true, nil
}
