package evalcore

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Error is what a program answers instead of a value. Line and Col count characters from 1; 0 is unknown.
type Error struct {
	Kind      string // syntax | name | eval | steps | result | internal
	Msg       string
	Line, Col int32
}

// place maps positions in the compiled text to positions in the author's text.
type place struct {
	wrapped         bool // compiled as "(" + text + "\n)"
	endLine, endCol int32
}

func placeOf(src string, wrapped bool) place {
	text := strings.TrimRight(src, " \t\r\n")
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return place{
		wrapped: wrapped,
		endLine: int32(strings.Count(text, "\n")) + 1,
		endCol:  int32(utf8.RuneCountInString(last)) + 1,
	}
}

// at also tells whether the position lies behind the author's text.
func (p place) at(pos syntax.Position) (line, col int32, behind bool) {
	line, col = pos.Line, pos.Col
	if p.wrapped && line == 1 && col > 1 {
		col--
	}
	if line > p.endLine || line == p.endLine && col > p.endCol {
		return p.endLine, p.endCol, true
	}
	return line, col, p.wrapped && line == p.endLine && col == p.endCol
}

func (p place) errorAt(kind string, pos syntax.Position, msg string) *Error {
	e := &Error{Kind: kind, Msg: msg}
	if pos.Line > 0 {
		e.Line, e.Col, _ = p.at(pos)
	}
	return e
}

func (p place) syntaxError(pos syntax.Position, msg string) *Error {
	_, _, behind := p.at(pos)
	return p.errorAt("syntax", pos, p.reword(msg, behind))
}

// reword leaves out what the author did not write: the parenthesis around the text.
func (p place) reword(msg string, behind bool) string {
	got, found := strings.CutPrefix(msg, "got ")
	if !found {
		return msg
	}
	token, want, _ := strings.Cut(got, ", want ")
	if behind || token == "end of file" {
		token = "end of the text"
	}
	if want == "" || p.wrapped && want == "')'" {
		return "unexpected " + token
	}
	return "unexpected " + token + ", want " + want
}

func (p place) toError(err error) *Error {
	switch err := err.(type) {
	case syntax.Error:
		return p.syntaxError(err.Pos, err.Msg)
	case resolve.ErrorList:
		return p.syntaxError(err[0].Pos, err[0].Msg)
	case *starlark.EvalError:
		return p.errorAt("eval", starlark.InnermostPosition(err.CallStack), err.Msg)
	}
	return &Error{Kind: "internal", Msg: err.Error()}
}

func contained(r any) *Error { return &Error{Kind: "internal", Msg: fmt.Sprint(r)} }

func (e *Error) appendJSON(out []byte) []byte {
	out = append(out, `{"kind":`...)
	out = appendString(out, e.Kind)
	out = append(out, `,"message":`...)
	out = appendString(out, e.Msg)
	out = append(out, `,"line":`...)
	out = strconv.AppendInt(out, int64(e.Line), 10)
	out = append(out, `,"col":`...)
	out = strconv.AppendInt(out, int64(e.Col), 10)
	return append(out, '}')
}
