package evalcore

import (
	"errors"
	"fmt"
	"strconv"

	"go.starlark.net/starlark"
)

// Store holds what the host refers to by handle. The host decides what to drop and when.
type Store struct {
	programs map[int32]compiled
	layers   map[int32]*Object
	scopes   map[int32]Scope
	last     int32
}

type compiled struct {
	p *Program
	e *Error
}

func NewStore() *Store {
	return &Store{programs: map[int32]compiled{}, layers: map[int32]*Object{}, scopes: map[int32]Scope{}}
}

func (s *Store) next() int32 { s.last++; return s.last }

// Compile reads {"src": text, "stateResults": [[key, …], …]}. A bad program answers its error when it is used.
func (s *Store) Compile(request string, mode Mode) int32 {
	src, stateResults, err := readRequest(request)
	var c compiled
	if err != nil {
		c.e = &Error{Kind: "internal", Msg: err.Error()}
	} else {
		c.p, c.e = Compile(src, mode, stateResults)
	}
	h := s.next()
	s.programs[h] = c
	return h
}

func readRequest(request string) (src string, stateResults [][]string, err error) {
	starlark.SetFuel(int64(len(request))+1, nil)
	v, err := decodeStrict(request)
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("malformed request: %v", r)
		}
	}()
	get := func(key string) starlark.Value {
		v, _, _ := v.(*starlark.Dict).Get(starlark.String(key))
		return v
	}
	paths := get("stateResults").(*starlark.List)
	for i := range paths.Len() {
		path := paths.Index(i).(*starlark.List)
		keys := make([]string, path.Len())
		for n := range keys {
			keys[n] = string(path.Index(n).(starlark.String))
		}
		stateResults = append(stateResults, keys)
	}
	return string(get("src").(starlark.String)), stateResults, nil
}

// Context loads one JSON object: its handle, −1 when malformed, −2 when too deep.
func (s *Store) Context(raw []byte) int32 {
	o, err := newLayer(raw)
	switch {
	case errors.Is(err, errTooDeep):
		return -2
	case err != nil:
		return -1
	}
	h := s.next()
	s.layers[h] = o
	return h
}

// Scope makes a scope of context handles (i32, little-endian), innermost first; −1 when one is unknown.
func (s *Store) Scope(handles []byte) int32 {
	scope := make(Scope, 0, len(handles)/4)
	for ; len(handles) >= 4; handles = handles[4:] {
		o := s.layers[int32(handles[0])|int32(handles[1])<<8|int32(handles[2])<<16|int32(handles[3])<<24]
		if o == nil {
			return -1
		}
		scope = append(scope, o)
	}
	h := s.next()
	s.scopes[h] = scope
	return h
}

// Drop forgets a context or a scope.
func (s *Store) Drop(h int32) { delete(s.layers, h); delete(s.scopes, h) }

// DropProgram forgets a program.
func (s *Store) DropProgram(h int32) { delete(s.programs, h) }

// metaSize is room for the answer's first line; JSON readers skip the blanks that fill it.
const metaSize = 64

// Eval answers a line of JSON about the evaluation, then the value's JSON.
func (s *Store) Eval(program, scope int32, maxSteps int64, out []byte) []byte {
	c, known := s.programs[program]
	names, scoped := s.scopes[scope]
	if !known || !scoped {
		return failed(out, Outcome{Err: &Error{Kind: "internal", Msg: "unknown handle"}})
	}
	if c.e != nil {
		return failed(out, Outcome{Err: c.e})
	}
	out = append(out[:0], make([]byte, metaSize)...)
	out, o := Eval(c.p, names, maxSteps, out)
	if o.Err != nil {
		return failed(out, o)
	}
	meta := append(make([]byte, 0, metaSize), `{"ok":true,"truth":`...)
	meta = strconv.AppendBool(meta, o.Truth)
	meta = append(meta, `,"steps":`...)
	meta = append(strconv.AppendUint(meta, o.Steps, 10), '}')
	for len(meta) < metaSize-1 {
		meta = append(meta, ' ')
	}
	copy(out, append(meta, '\n'))
	return out
}

func failed(out []byte, o Outcome) []byte {
	out = append(out[:0], `{"ok":false,"steps":`...)
	out = strconv.AppendUint(out, o.Steps, 10)
	out = append(out, `,"error":`...)
	return append(o.Err.appendJSON(out), "}\n"...)
}

// Describe answers {error?, names, usesCtx}.
func (s *Store) Describe(program int32, out []byte) []byte {
	c, known := s.programs[program]
	if !known {
		c.e = &Error{Kind: "internal", Msg: "unknown handle"}
	}
	out = append(out[:0], '{')
	if c.e != nil {
		out = append(c.e.appendJSON(append(out, `"error":`...)), ',')
		c.p = &Program{}
	}
	out = append(out, `"names":[`...)
	for i, n := range c.p.names {
		if i > 0 {
			out = append(out, ',')
		}
		out = n.appendJSON(out)
	}
	out = append(out, `],"usesCtx":`...)
	return append(strconv.AppendBool(out, c.p.usesCtx), '}')
}

func (n Name) appendJSON(out []byte) []byte {
	out = appendString(append(out, `{"name":`...), n.Name)
	out = strconv.AppendBool(append(out, `,"builtin":`...), n.Builtin)
	out = strconv.AppendInt(append(out, `,"line":`...), int64(n.Line), 10)
	out = strconv.AppendInt(append(out, `,"col":`...), int64(n.Col), 10)
	out = append(out, `,"paths":[`...)
	for i, path := range n.Paths {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '[')
		for j, key := range path {
			if j > 0 {
				out = append(out, ',')
			}
			out = appendString(out, key)
		}
		out = append(out, ']')
	}
	return append(out, "]}"...)
}
