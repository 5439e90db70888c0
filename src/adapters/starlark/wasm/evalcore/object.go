package evalcore

import (
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Object is an immutable JSON object, decoded lazily. It is a frozen dict that also answers to attributes; an
// own key wins over a method of the same name. Copies in a result are the original bytes.
type Object struct {
	raw     []byte
	nesting int // of its context: nothing in here nests deeper
	done    bool
	kv      []entry
	idx     map[string]int // only for many keys
}

type entry struct {
	key string
	raw []byte
	val starlark.Value
}

const fewKeys = 8

var (
	_ starlark.HasAttrs        = (*Object)(nil)
	_ starlark.HasSetKey       = (*Object)(nil)
	_ starlark.HasBinary       = (*Object)(nil)
	_ starlark.IterableMapping = (*Object)(nil)
	_ starlark.Sequence        = (*Object)(nil)
	_ starlark.Comparable      = (*Object)(nil)
)

// entries scans the keys at first touch. Malformed bytes are our producer's bug: it panics, Eval contains it.
func (o *Object) entries() []entry {
	if o.done {
		return o.kv
	}
	b := o.raw
	kv := make([]entry, 0, fewKeys)
	for i := ws(b, 1); i < len(b) && b[i] != '}'; {
		if b[i] != '"' {
			panic(errBadJSON)
		}
		j := must(skipString(b, i))
		k := must(decodeString(b[i:j]))
		i = ws(b, j)
		if i >= len(b) || b[i] != ':' {
			panic(errBadJSON)
		}
		i = ws(b, i+1)
		j = must(skipValue(b, i))
		kv = o.put(kv, entry{key: k, raw: b[i:j]})
		if i = ws(b, j); i < len(b) && b[i] == ',' {
			i = ws(b, i+1)
		}
	}
	o.kv, o.done = kv, true
	return kv
}

// put lets the last of two equal keys win, as JSON.parse does.
func (o *Object) put(kv []entry, e entry) []entry {
	if n := o.find(kv, e.key); n >= 0 {
		kv[n] = e
		return kv
	}
	kv = append(kv, e)
	switch {
	case o.idx != nil:
		o.idx[e.key] = len(kv) - 1
	case len(kv) > fewKeys:
		o.idx = make(map[string]int, 4*fewKeys)
		for n := range kv {
			o.idx[kv[n].key] = n
		}
	}
	return kv
}

func (o *Object) find(kv []entry, key string) int {
	if o.idx != nil {
		if n, ok := o.idx[key]; ok {
			return n
		}
		return -1
	}
	return slices.IndexFunc(kv, func(e entry) bool { return e.key == key })
}

func (o *Object) lookup(key string) (starlark.Value, bool) {
	n := o.find(o.entries(), key)
	if n < 0 {
		return nil, false
	}
	return o.at(n), true
}

func (o *Object) at(n int) starlark.Value {
	e := &o.kv[n]
	if e.val == nil {
		e.val = decodeLazy(e.raw, o.nesting)
	}
	return e.val
}

func (o *Object) String() string {
	s := []byte("{")
	for n := range o.entries() {
		starlark.MustBurn(1 + (len(o.kv[n].key)+len(o.kv[n].raw))>>6)
		if n > 0 {
			s = append(s, ", "...)
		}
		s = append(s, starlark.String(o.kv[n].key).String()...)
		s = append(s, ": "...)
		s = append(s, o.at(n).String()...)
	}
	return string(append(s, '}'))
}

func (o *Object) Type() string          { return "dict" }
func (o *Object) Freeze()               {}
func (o *Object) Truth() starlark.Bool  { return o.Len() > 0 }
func (o *Object) Hash() (uint32, error) { return 0, errors.New("unhashable type: dict") }
func (o *Object) Len() int              { return len(o.entries()) }

func (o *Object) Get(k starlark.Value) (starlark.Value, bool, error) {
	s, ok := k.(starlark.String)
	if !ok {
		return nil, false, nil
	}
	v, found := o.lookup(string(s))
	return v, found, nil
}

// SetKey says what to do instead.
func (o *Object) SetKey(_, _ starlark.Value) error { return errReadOnly }

var errReadOnly = errors.New("data of the context is read-only: build a new dict, for example with dict(old, key = value)")

func (o *Object) Items() []starlark.Tuple {
	out := make([]starlark.Tuple, 0, o.Len())
	for n := range o.kv {
		starlark.MustBurn(1)
		out = append(out, starlark.Tuple{starlark.String(o.kv[n].key), o.at(n)})
	}
	return out
}

func (o *Object) Iterate() starlark.Iterator { return &keys{of: o.entries()} }

type keys struct{ of []entry }

func (it *keys) Next(p *starlark.Value) bool {
	if len(it.of) == 0 || !starlark.Burn(1) {
		return false
	}
	*p = starlark.String(it.of[0].key)
	it.of = it.of[1:]
	return true
}

func (it *keys) Done() {}

func (o *Object) Attr(name string) (starlark.Value, error) {
	if v, ok := o.lookup(name); ok {
		return v, nil
	}
	if m, ok := objectMethods[name]; ok {
		return m.BindReceiver(o), nil
	}
	return nil, nil
}

func (o *Object) AttrNames() []string {
	names := make([]string, 0, o.Len()+len(objectMethods))
	for n := range o.kv {
		names = append(names, o.kv[n].key)
	}
	for name := range objectMethods {
		if o.find(o.kv, name) < 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

type method func(o *Object, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error)

var objectMethods = map[string]*starlark.Builtin{}

func init() {
	for name, m := range map[string]method{
		"get":    get,
		"keys":   list("keys", func(kv starlark.Tuple) starlark.Value { return kv[0] }),
		"values": list("values", func(kv starlark.Tuple) starlark.Value { return kv[1] }),
		"items":  list("items", func(kv starlark.Tuple) starlark.Value { return kv }),
		"clear":  readOnly, "pop": readOnly, "popitem": readOnly, "setdefault": readOnly, "update": readOnly,
	} {
		objectMethods[name] = starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			return m(b.Receiver().(*Object), args, kwargs)
		})
	}
}

func get(o *Object, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key starlark.Value
	var otherwise starlark.Value = starlark.None
	if err := starlark.UnpackPositionalArgs("get", args, kwargs, 1, &key, &otherwise); err != nil {
		return nil, err
	}
	if v, ok, err := o.Get(key); ok || err != nil {
		return v, err
	}
	return otherwise, nil
}

func list(name string, pick func(starlark.Tuple) starlark.Value) method {
	return func(o *Object, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := starlark.UnpackPositionalArgs(name, args, kwargs, 0); err != nil {
			return nil, err
		}
		items := o.Items()
		out := make([]starlark.Value, len(items))
		for n, kv := range items {
			out[n] = pick(kv)
		}
		return starlark.NewList(out), nil
	}
}

func readOnly(*Object, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
	return nil, errReadOnly
}

// Binary is the union of two dicts, one of them from the context.
func (o *Object) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	other, ok := y.(starlark.IterableMapping)
	if op != syntax.PIPE || !ok || y.Type() != "dict" {
		return nil, nil
	}
	left, right := starlark.IterableMapping(o), other
	if side == starlark.Right {
		left, right = other, o
	}
	union := starlark.NewDict(o.Len())
	for _, m := range []starlark.IterableMapping{left, right} {
		for _, kv := range m.Items() {
			starlark.MustBurn(1)
			if err := union.SetKey(kv[0], kv[1]); err != nil {
				return nil, err
			}
		}
	}
	return union, nil
}

// CompareSameType compares with another Object or with a dict made in the program.
func (o *Object) CompareSameType(op syntax.Token, y starlark.Value, depth int) (bool, error) {
	m, ok := y.(interface {
		starlark.Mapping
		Len() int
	})
	if !ok || op != syntax.EQL && op != syntax.NEQ {
		return false, fmt.Errorf("%s %s %s not implemented", o.Type(), op, y.Type())
	}
	eq, err := o.equal(m, m.Len(), depth)
	return eq == (op == syntax.EQL), err
}

func (o *Object) equal(y starlark.Mapping, size, depth int) (bool, error) {
	if o.Len() != size {
		return false, nil
	}
	for n := range o.kv {
		v, found, err := y.Get(starlark.String(o.kv[n].key))
		if err != nil || !found {
			return false, err
		}
		if eq, err := starlark.EqualDepth(o.at(n), v, depth-1); err != nil || !eq {
			return false, err
		}
	}
	return true, nil
}
