package evalcore

import (
	"fmt"
	"slices"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Mode is how a text is read.
type Mode int32

const (
	Expression Mode = iota
	Transform       // an expression, or statements
)

// Names no program can spell.
const (
	valueName   = "result!"
	stateResult = "state_result!"
	dataSuffix  = "!" // type! = the data called type, else the builtin
)

// Program is a compiled text. It is immutable and serves every scope.
type Program struct {
	code    *starlark.Program
	place   place
	value   string // the global that holds the value
	free    []freeName
	names   []Name
	usesCtx bool
}

type freeName struct {
	bound   string // as the compiled code calls it
	data    string // the key looked up in the scope; "" for our builtins
	builtin starlark.Value
	pos     syntax.Position
}

// Compile never panics. The state-result paths are those of the definition, see rewrite.
func Compile(src string, mode Mode, stateResults [][]string) (p *Program, e *Error) {
	defer func() {
		if r := recover(); r != nil {
			p, e = nil, contained(r)
		}
	}()
	if len(src) > MaxSource {
		return nil, &Error{Kind: "syntax", Msg: fmt.Sprintf("the program is longer than %d bytes", MaxSource), Line: 1, Col: 1}
	}
	p = &Program{value: valueName}
	f, e := p.parse(src, mode)
	if e != nil {
		return nil, e
	}
	if err := resolve.File(f, isPredeclared, starlark.Universe.Has); err != nil {
		return nil, p.place.toError(err)
	}
	if !slices.ContainsFunc(f.Module.(*resolve.Module).Globals, func(b *resolve.Binding) bool { return b.First.Name == p.value }) {
		return nil, &Error{Kind: "syntax", Msg: noValue, Line: p.place.endLine, Col: p.place.endCol}
	}
	p.rewrite(f, stateResults)
	code, err := starlark.FileProgram(f, isPredeclared)
	if err != nil {
		return nil, p.place.toError(err)
	}
	p.code = code
	return p, nil
}

func isPredeclared(name string) bool {
	_, own := builtins[name]
	return own || !starlark.Universe.Has(name)
}

func (p *Program) parse(src string, mode Mode) (*syntax.File, *Error) {
	p.place = placeOf(src, true)
	x, e := p.parseExpression(src)
	if e == nil {
		return assignValue(x), nil
	}
	if mode == Expression {
		return nil, e
	}
	p.place = placeOf(src, false)
	f, e2 := p.parseStatements(src)
	if e2 != nil && (e2.Line < e.Line || e2.Line == e.Line && e2.Col <= e.Col) {
		return nil, e
	}
	return f, e2
}

// parseExpression reads the text in parentheses: an expression may then run over several lines.
func (p *Program) parseExpression(src string) (syntax.Expr, *Error) {
	x, err := dialect.ParseExpr("expression", "("+src+"\n)", 0)
	if err != nil {
		// `n)` closes the wrapper itself, and the wrapper's own ")" is then the one too many
		if x, err := dialect.ParseExpr("expression", "("+src, 0); err == nil {
			return nil, p.place.syntaxError(closingOfWrapper(x), unopened)
		}
		return nil, p.place.toError(err)
	}
	switch x := x.(type) {
	case *syntax.ParenExpr:
		if x.Lparen.Col == 1 && x.Lparen.Line == 1 {
			return x.X, nil
		}
	case *syntax.TupleExpr:
		if len(x.List) == 0 {
			return nil, &Error{Kind: "syntax", Msg: "the expression is empty", Line: 1, Col: 1}
		}
		return x, nil
	}
	return nil, p.place.syntaxError(closingOfWrapper(x), unopened)
}

const unopened = "')' without '('"

// closingOfWrapper is where the text closes the parenthesis it was wrapped in, as `1) or (2` does.
func closingOfWrapper(x syntax.Expr) (pos syntax.Position) {
	isWrapper := func(p syntax.Position) bool { return p.Line == 1 && p.Col == 1 }
	syntax.Walk(x, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParenExpr:
			if isWrapper(n.Lparen) {
				pos = n.Rparen
			}
		case *syntax.TupleExpr:
			if isWrapper(n.Lparen) {
				pos = n.Rparen
			}
		}
		return !pos.IsValid()
	})
	return pos
}

// parseStatements makes the last statement's value, or else the global `result`, the value.
func (p *Program) parseStatements(src string) (*syntax.File, *Error) {
	f, err := dialect.Parse("transform", src, 0)
	if err != nil {
		return nil, p.place.toError(err)
	}
	var load *syntax.LoadStmt
	syntax.Walk(f, func(n syntax.Node) bool {
		if l, ok := n.(*syntax.LoadStmt); ok {
			load = l
		}
		return load == nil
	})
	if load != nil {
		return nil, p.place.syntaxError(load.Load, "load is not available")
	}
	if n := len(f.Stmts); n > 0 {
		if last, ok := f.Stmts[n-1].(*syntax.ExprStmt); ok {
			f.Stmts[n-1] = assignValue(last.X).Stmts[0]
			return f, nil
		}
	}
	p.value = "result"
	return f, nil
}

const noValue = "the transform yields no value: end it with an expression, or assign to result"

func assignValue(x syntax.Expr) *syntax.File {
	pos := syntax.Start(x)
	return &syntax.File{Path: "expression", Options: dialect, Stmts: []syntax.Stmt{&syntax.AssignStmt{
		OpPos: pos, Op: syntax.EQ, LHS: &syntax.Ident{NamePos: pos, Name: valueName}, RHS: x,
	}}}
}
