package evalcore

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"go.starlark.net/starlark"
)

// The language itself is tested through the host; here is what the host does not reach.

func run(t *testing.T, src string, layers ...string) (string, Outcome) {
	t.Helper()
	p, e := Compile(src, Transform, nil)
	if e != nil {
		return "", Outcome{Err: e}
	}
	var scope Scope
	for _, raw := range layers {
		o, err := newLayer([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		scope = append(scope, o)
	}
	out, o := Eval(p, scope, 100_000, nil)
	return string(out), o
}

func TestTheInnermostLayerWins(t *testing.T) {
	for src, want := range map[string]string{"a": "1", "b": "3", "c": "5", "[a, b, c]": "[1,3,5]"} {
		if got, o := run(t, src, `{"a":1}`, `{"a":2,"b":3}`, `{"b":4,"c":5}`); got != want {
			t.Errorf("%s = %s (%v), want %s", src, got, o.Err, want)
		}
	}
}

func TestTheLastOfEqualKeysWins(t *testing.T) {
	many := `{"a":1,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"a":2,"j":0,"a":3}`
	for src, want := range map[string]string{"len(x)": "1", "x.a": "2", "len(m)": "10", "m.a": "3", "x == {'a': 2}": "true"} {
		if got, o := run(t, src, `{"x":{"a":1,"a":2},"m":`+many+`}`); got != want {
			t.Errorf("%s = %s (%v), want %s", src, got, o.Err, want)
		}
	}
}

func TestMalformedContextsAreContained(t *testing.T) {
	for _, raw := range []string{`{"a":{"b"}}`, `{"a":{1:2}}`, `{"a":[1,,2]}`, `{"a":"\x"}`, `{"a":-}`, `{"a" "b"}`, `{"a":1e}`, `{"a":{"b":"\u12"}}`} {
		o, err := newLayer([]byte(raw))
		if err != nil {
			continue
		}
		p, e := Compile("str(a)", Expression, nil)
		if e != nil {
			t.Fatal(e)
		}
		if _, got := Eval(p, Scope{o}, 1000, nil); got.Err == nil {
			t.Errorf("%s: no error", raw)
		}
	}
	for _, raw := range []string{``, `1`, `{"a":"`, `{"a":[`, `{`} {
		if _, err := newLayer([]byte(raw)); err == nil {
			t.Errorf("%s: no error", raw)
		}
	}
}

// FuzzDecodeStrict compares with the standard library.
func FuzzDecodeStrict(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e3,true,false,null,"x\u00e9\ud83d\ude00\n"]}`, ` [ ] `, `{}`, `01`, `1.`, `-`, `"\q"`, "\"\x01\"", `[1,]`, `{"a":1,}`,
		`{"a":1,"a":2}`, `tru`, `1e400`, `"\ud800"`, `12345678901234567890`, `[1] 2`, `nullx`, `-0`, `+1`, `.5`, `"\u12g4"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		starlark.SetFuel(1<<40, nil)
		v, err := decodeStrict(text)
		if valid := json.Valid([]byte(text)); valid != (err == nil) {
			if valid && (strings.Contains(err.Error(), "nested") || strings.Contains(err.Error(), "too long")) {
				return // our limits
			}
			t.Fatalf("%q: valid is %v, we say %v", text, valid, err)
		}
		var want any
		if json.Unmarshal([]byte(text), &want) != nil {
			return // malformed, or a number beyond float64
		}
		out, err := encode(nil, v)
		if err != nil {
			return
		}
		var got any
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%q became %q: %v", text, out, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %q", text, out)
		}
	})
}

func TestHandlesAreNeverReused(t *testing.T) {
	s := NewStore()
	first := s.Compile(`{"src":"1","stateResults":[]}`, Expression)
	s.DropProgram(first)
	second := s.Compile(`{"src":"2","stateResults":[]}`, Expression)
	layer := s.Context([]byte(`{}`))
	scope := s.Scope([]byte{byte(layer), 0, 0, 0})
	if first == second || layer == second || scope == layer {
		t.Fatal("a handle was given twice")
	}
	if got := string(s.Eval(first, scope, 10, nil)); !strings.Contains(got, "unknown handle") {
		t.Error("a dropped program still answers", got)
	}
	if got := string(s.Eval(second, scope, 10, nil)); !strings.HasSuffix(got, "\n2") {
		t.Error(got)
	}
	s.Drop(scope)
	if got := string(s.Eval(second, scope, 10, nil)); !strings.Contains(got, "unknown handle") {
		t.Error("a dropped scope is still there", got)
	}
	if s.Scope([]byte{99, 0, 0, 0}) != -1 || s.Context([]byte("[]")) != -1 || s.Context([]byte(`{"a":`+strings.Repeat("[", 300)+strings.Repeat("]", 300)+"}")) != -2 {
		t.Error("a bad context or scope is accepted")
	}
}

func TestFreeNamesAndPaths(t *testing.T) {
	src := `x.a.b + x["a"]["c"].d + x.e[i].f + ctx.g.items() + type + (y)(z.q) + [n.o for n in x.p][0] + json.encode(steps.s.result)`
	p, e := Compile(src, Expression, nil)
	if e != nil {
		t.Fatal(e)
	}
	got := map[string][][]string{}
	for _, n := range p.names {
		got[n.Name] = n.Paths
		if n.Builtin != (n.Name == "type") {
			t.Error("builtin", n.Name)
		}
	}
	want := map[string][][]string{
		"x": {{"a", "b"}, {"a", "c", "d"}, {"e"}, {"p"}}, "i": {{}}, "ctx": {{"g"}}, "type": {{}}, "y": {{}}, "z": {{"q"}},
		"steps": {{"s", "result"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !p.usesCtx {
		t.Error("usesCtx")
	}
}

func TestStepsDoNotDependOnWhatRanBefore(t *testing.T) {
	o, err := newLayer([]byte(`{"xs":[1,2,{"a":[3]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := Compile("[str(x) for x in xs]", Expression, nil)
	_, first := Eval(p, Scope{o}, 1000, nil)
	_, second := Eval(p, Scope{o}, 1000, nil)
	if first.Steps != second.Steps || first.Err != nil {
		t.Error(first, second)
	}
}
