// Package evalcore compiles and evaluates Starlark expressions over JSON data.
package evalcore

import (
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Limits that are part of the language; steps, memory and wall time come from the host.
const (
	MaxSource       = 16 << 10 // bytes of program text
	MaxResult       = 4 << 20  // bytes of JSON out
	maxResultDepth  = 128
	maxContextDepth = 256
)

// The dialect: no while, no recursion; for and if at the top level of transforms.
var dialect = &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true}

func init() {
	starlark.MaxAlloc = 16 << 20
	starlark.MaxIntBits = 16384
	starlark.DictAttrs = true
	starlark.CompareLimit = maxResultDepth // JSON data nests deeper than the library's 10
}
