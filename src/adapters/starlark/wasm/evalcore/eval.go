package evalcore

import (
	"strconv"

	"go.starlark.net/starlark"
)

// Scope is what bare names are looked up in, innermost layer first.
type Scope []*Object

func (s Scope) lookup(name string) (starlark.Value, bool) {
	for _, layer := range s {
		if v, ok := layer.lookup(name); ok {
			return v, true
		}
	}
	return nil, false
}

// newLayer reads one JSON object.
func newLayer(raw []byte) (*Object, error) {
	i := ws(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return nil, errBadJSON
	}
	end, nesting, err := skipNested(raw, i)
	if err != nil {
		return nil, err
	}
	return &Object{raw: raw[i:end], nesting: nesting}, nil
}

// Outcome is the value's truth and JSON, or an error; and the steps it took.
type Outcome struct {
	Truth bool
	Steps uint64
	Err   *Error
}

// Eval appends the value's JSON to out. It never panics.
func Eval(p *Program, scope Scope, maxSteps int64, out []byte) (buf []byte, o Outcome) {
	thread := &starlark.Thread{Name: "eval", Print: func(*starlark.Thread, string) {}}
	starlark.SetFuel(maxSteps, thread)
	defer func() {
		if r := recover(); r != nil {
			o.Err = contained(r)
		}
		o.Steps = uint64(maxSteps - max(starlark.Fuel(), 0))
		if starlark.Fuel() < 0 { // whatever error surfaced
			o.Err = p.place.errorAt("steps", starlark.FuelPosition(), "step limit exceeded ("+strconv.FormatInt(maxSteps, 10)+")")
		}
		if o.Err != nil {
			buf = out
		}
	}()
	env, e := p.bind(scope)
	if e != nil {
		return nil, Outcome{Err: e}
	}
	globals, err := p.code.Init(thread, env)
	if err != nil {
		return nil, Outcome{Err: p.place.toError(err)}
	}
	v, ok := globals[p.value]
	if !ok {
		return nil, Outcome{Err: &Error{Kind: "result", Msg: noValue}}
	}
	if buf, err = encode(out, v); err != nil {
		return nil, Outcome{Err: &Error{Kind: "result", Msg: err.Error()}}
	}
	return buf, Outcome{Truth: bool(v.Truth())}
}

func (p *Program) bind(scope Scope) (starlark.StringDict, *Error) {
	env := make(starlark.StringDict, len(p.free))
	for _, name := range p.free {
		v := name.builtin
		if name.data != "" {
			if found, ok := scope.lookup(name.data); ok {
				v = found
			}
		}
		if v == nil {
			return nil, p.place.errorAt("name", name.pos, "undefined name: "+name.data)
		}
		env[name.bound] = v
	}
	return env, nil
}
