// Extract turns the top-level assertions of the library's test files (arguments) into self-contained expressions,
// as JSON on standard output.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

type testCase struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	Expression string `json:"expression"`
	Error      string `json:"error,omitempty"` // a pattern
}

var dialect = &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true, Recursion: true}

func main() {
	var cases []testCase
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		line := 0
		for _, chunk := range strings.Split(string(text), "\n---\n") {
			cases = append(cases, fromChunk(filepath.Base(path), line, chunk)...)
			line += strings.Count(chunk, "\n") + 2
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fromChunk skips chunks that do not parse: they test the parser's errors.
func fromChunk(file string, before int, chunk string) (cases []testCase) {
	f, err := dialect.Parse(file, chunk, 0)
	if err != nil {
		return nil
	}
	text := source(strings.Split(chunk, "\n"))
	for _, stmt := range f.Stmts {
		x, ok := stmt.(*syntax.ExprStmt)
		if !ok {
			continue
		}
		call, name := assertion(x.X)
		if call == nil {
			continue
		}
		c, ok := text.toCase(name, call.Args)
		if !ok || !selfContained(c.Expression) {
			continue
		}
		c.File, c.Line = file, before+int(syntax.Start(call).Line)
		cases = append(cases, c)
	}
	return cases
}

func assertion(x syntax.Expr) (*syntax.CallExpr, string) {
	call, ok := x.(*syntax.CallExpr)
	if !ok {
		return nil, ""
	}
	dot, ok := call.Fn.(*syntax.DotExpr)
	if !ok {
		return nil, ""
	}
	if id, ok := dot.X.(*syntax.Ident); !ok || id.Name != "assert" {
		return nil, ""
	}
	return call, dot.Name.Name
}

type source []string // lines

func (s source) of(x syntax.Expr) string {
	start, end := x.Span()
	var out strings.Builder
	for n := start.Line; n <= end.Line; n++ {
		line := []rune(s[n-1])
		from, to := 0, len(line)
		if n == start.Line {
			from = int(start.Col) - 1
		}
		if n == end.Line {
			to = min(to, int(end.Col)-1)
		}
		out.WriteString(string(line[from:to]))
		if n < end.Line {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

var operators = map[string]string{"eq": "==", "ne": "!=", "lt": "<"}

func (s source) toCase(name string, args []syntax.Expr) (c testCase, ok bool) {
	if name == "true" && len(args) >= 1 {
		return testCase{Expression: "bool(" + s.of(args[0]) + "\n)"}, true
	}
	if len(args) < 2 {
		return c, false
	}
	if op := operators[name]; op != "" {
		return testCase{Expression: "(" + s.of(args[0]) + "\n) " + op + " (" + s.of(args[1]) + "\n)"}, true
	}
	switch name {
	case "contains":
		return testCase{Expression: "(" + s.of(args[1]) + "\n) in (" + s.of(args[0]) + "\n)"}, true
	case "fails":
		pattern, ok := args[1].(*syntax.Literal)
		if !ok || pattern.Token != syntax.STRING {
			return c, false
		}
		c = testCase{Expression: "(" + s.of(args[0]) + ")()", Error: pattern.Value.(string)}
		if f, ok := args[0].(*syntax.LambdaExpr); ok && len(f.Params) == 0 {
			c.Expression = s.of(f.Body)
		}
		return c, true
	}
	return c, false
}

// selfContained: it parses and uses the universe's names only.
func selfContained(expression string) bool {
	x, err := dialect.ParseExpr("x", expression, 0)
	if err != nil {
		return false
	}
	_, err = resolve.ExprOptions(dialect, x, func(string) bool { return false }, starlark.Universe.Has)
	return err == nil
}
