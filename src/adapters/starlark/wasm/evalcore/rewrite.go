package evalcore

import (
	"slices"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Name is a free name of a program: data it reads.
type Name struct {
	Name      string
	Builtin   bool // a builtin stands in when there is no such data
	Line, Col int32
	Paths     [][]string // constant keys below the name; the empty path is the whole value
}

// rewrite changes a resolved tree so that data wins over builtins that are not called (`type == "error"`) and
// `.result`/`.output` of a state result fall back to the result itself. It keeps the free names on its way.
func (p *Program) rewrite(f *syntax.File, stateResults [][]string) {
	preferData(f)
	r := rewriter{p: p, stateResults: stateResults, skip: map[syntax.Node]bool{}, index: map[string]int{}, own: map[string]bool{}}
	syntax.Walk(f, r.visit)
}

// preferData renames a builtin's name that is neither called nor an argument.
func preferData(f *syntax.File) {
	kept := map[*syntax.Ident]bool{}
	keep := func(x syntax.Expr) {
		if id, ok := unparen(x).(*syntax.Ident); ok {
			kept[id] = true
		}
	}
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			keep(n.Fn)
			if dot, ok := unparen(n.Fn).(*syntax.DotExpr); ok && isJSONCall(dot) {
				keep(dot.X)
			}
			for _, arg := range n.Args {
				switch a := arg.(type) {
				case *syntax.BinaryExpr:
					if a.Op == syntax.EQ {
						arg = a.Y
					}
				case *syntax.UnaryExpr:
					if a.Op == syntax.STAR || a.Op == syntax.STARSTAR {
						arg = a.X
					}
				}
				keep(arg)
			}
		case *syntax.Ident:
			if !kept[n] && isFunctionName(n) {
				n.Name += dataSuffix
			}
		}
		return true
	})
}

func isJSONCall(dot *syntax.DotExpr) bool {
	id, ok := unparen(dot.X).(*syntax.Ident)
	return ok && id.Name == "json" && jsonModule[dot.Name.Name] != nil
}

// isFunctionName: the universe's names and ours, but for the constants.
func isFunctionName(id *syntax.Ident) bool {
	b, ok := id.Binding.(*resolve.Binding)
	if !ok || b.Scope != resolve.Universal && b.Scope != resolve.Predeclared {
		return false
	}
	switch builtinNamed(id.Name).(type) {
	case *starlark.Builtin, jsonValue:
		return true
	}
	return false
}

func builtinNamed(name string) starlark.Value {
	if v, ok := builtins[name]; ok {
		return v
	}
	return starlark.Universe[name]
}

type rewriter struct {
	p            *Program
	stateResults [][]string
	skip         map[syntax.Node]bool // assignment targets; methods being called
	index        map[string]int       // of a data name in p.names
	own          map[string]bool      // builtins of ours in use
}

func (r *rewriter) visit(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.AssignStmt:
		r.target(n.LHS)
	case *syntax.ForStmt:
		r.target(n.Vars)
	case *syntax.ForClause:
		r.target(n.Vars)
	case *syntax.CallExpr:
		if dot, ok := n.Fn.(*syntax.DotExpr); ok {
			r.skip[dot] = true
		}
	case *syntax.Ident:
		r.note(n, []string{})
	case *syntax.DotExpr, *syntax.IndexExpr:
		r.chain(n.(syntax.Expr))
		return false
	}
	return true
}

func (r *rewriter) target(x syntax.Expr) {
	switch x := x.(type) {
	case *syntax.DotExpr, *syntax.IndexExpr:
		r.skip[x] = true
	case *syntax.ParenExpr:
		r.target(x.X)
	case *syntax.TupleExpr:
		for _, y := range x.List {
			r.target(y)
		}
	case *syntax.ListExpr:
		for _, y := range x.List {
			r.target(y)
		}
	}
}

// chain handles x.a["b"][i].c as a whole, from its root outwards.
func (r *rewriter) chain(x syntax.Expr) {
	var links []syntax.Expr // outermost first
	root := x
	for {
		switch e := root.(type) {
		case *syntax.ParenExpr:
			root = e.X
			continue
		case *syntax.DotExpr:
			links, root = append(links, e), e.X
			continue
		case *syntax.IndexExpr:
			links, root = append(links, e), e.X
			if _, constant := key(e); !constant {
				syntax.Walk(e.Y, r.visit)
			}
			continue
		}
		break
	}
	id, ok := root.(*syntax.Ident)
	if !ok || !isFree(id) {
		syntax.Walk(root, r.visit)
		return
	}
	path, constant := []string{}, true
	for n := len(links) - 1; n >= 0; n-- {
		link := links[n]
		k, ok := key(link)
		if ok && (k == "result" || k == "output") && !r.skip[link] && r.isStateResult(dataName(id), path, len(links)-1-n) {
			wrap(link)
			r.useOwn(stateResult)
		}
		if constant = constant && ok && !r.skip[link]; constant {
			path = append(path, k)
		}
	}
	r.note(id, path)
}

// key is the constant string that a link selects.
func key(link syntax.Expr) (string, bool) {
	switch e := link.(type) {
	case *syntax.DotExpr:
		return e.Name.Name, true
	case *syntax.IndexExpr:
		if lit, ok := unparen(e.Y).(*syntax.Literal); ok && lit.Token == syntax.STRING {
			return lit.Value.(string), true
		}
	}
	return "", false
}

// isStateResult tells whether the value at root.path (and links in all, some of them computed) may be one.
func (r *rewriter) isStateResult(root string, path []string, links int) bool {
	full := append([]string{root}, path...)
	if root == "ctx" {
		full = full[1:]
		links--
	}
	if len(full) == 0 {
		return false
	}
	if full[0] == "steps" && links >= 1 {
		return true
	}
	return slices.ContainsFunc(r.stateResults, func(p []string) bool {
		return len(p) > 0 && len(full) >= len(p) && slices.Equal(full[:len(p)], p)
	})
}

// wrap turns E.result into state_result!(E).result: the call's answer knows the fallback.
func wrap(link syntax.Expr) {
	call := func(x syntax.Expr) syntax.Expr {
		pos := syntax.Start(x)
		fn := &syntax.Ident{NamePos: pos, Name: stateResult}
		return &syntax.CallExpr{Fn: fn, Lparen: pos, Args: []syntax.Expr{x}, Rparen: pos}
	}
	switch e := link.(type) {
	case *syntax.DotExpr:
		e.X = call(e.X)
	case *syntax.IndexExpr:
		e.X = call(e.X)
	}
}

// note records a free name and a path below it.
func (r *rewriter) note(id *syntax.Ident, path []string) {
	if !isFree(id) {
		return
	}
	name := dataName(id)
	if builtins[id.Name] != nil {
		r.useOwn(id.Name)
		return
	}
	at, seen := r.index[name]
	if !seen {
		fallback := builtinNamed(name)
		if name == id.Name {
			fallback = nil
		}
		r.p.free = append(r.p.free, freeName{bound: id.Name, data: name, builtin: fallback, pos: id.NamePos})
		line, col, _ := r.p.place.at(id.NamePos)
		at = len(r.p.names)
		r.index[name] = at
		r.p.names = append(r.p.names, Name{Name: name, Builtin: fallback != nil, Line: line, Col: col})
		r.p.usesCtx = r.p.usesCtx || name == "ctx"
	}
	paths := &r.p.names[at].Paths
	if !slices.ContainsFunc(*paths, func(p []string) bool { return slices.Equal(p, path) }) {
		*paths = append(*paths, path)
	}
}

func (r *rewriter) useOwn(name string) {
	if !r.own[name] {
		r.own[name] = true
		r.p.free = append(r.p.free, freeName{bound: name, builtin: builtins[name]})
	}
}

func isFree(id *syntax.Ident) bool {
	if strings.HasSuffix(id.Name, dataSuffix) {
		return id.Name != valueName && id.Name != stateResult
	}
	b, ok := id.Binding.(*resolve.Binding)
	return ok && b.Scope == resolve.Predeclared
}

func dataName(id *syntax.Ident) string { return strings.TrimSuffix(id.Name, dataSuffix) }

func unparen(x syntax.Expr) syntax.Expr {
	for {
		p, ok := x.(*syntax.ParenExpr)
		if !ok {
			return x
		}
		x = p.X
	}
}
