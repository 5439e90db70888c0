//go:build wasip1

// The exports of the evaluator, ABI version 1: strings are UTF-8 in the input buffer, handles are positive, an
// answer is ptr<<32|len and valid until the next call.
package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"unsafe"

	"station/starlark/evalcore"
)

func main() {}

const abi = 1

const collectAbove = 12 << 20 // bytes one evaluation may leave without a collection before the next

var (
	store = evalcore.NewStore()
	in    []byte
	out   = make([]byte, 0, 64<<10)
	heap  = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
)

//go:wasmexport sl_abi
func slABI() int32 { return abi }

//go:wasmexport sl_init
func slInit(memoryLimit int64, gcPercent int32) {
	debug.SetMemoryLimit(memoryLimit)
	debug.SetGCPercent(int(gcPercent))
}

//go:wasmexport sl_buf
func slBuf(n int32) int32 {
	in = make([]byte, n)
	if n == 0 {
		return 0
	}
	return int32(uintptr(unsafe.Pointer(&in[0])))
}

func input() []byte { b := in; in = nil; return b }

//go:wasmexport sl_compile
func slCompile(mode int32) int32 { return store.Compile(string(input()), evalcore.Mode(mode)) }

//go:wasmexport sl_describe
func slDescribe(program int32) int64 { return answer(store.Describe(program, out)) }

//go:wasmexport sl_context
func slContext() int32 { return store.Context(input()) }

//go:wasmexport sl_scope
func slScope() int32 { return store.Scope(input()) }

//go:wasmexport sl_eval
func slEval(program, scope int32, maxSteps int64) int64 {
	r := answer(store.Eval(program, scope, maxSteps, out))
	if metrics.Read(heap); heap[0].Value.Uint64() > collectAbove {
		runtime.GC()
	}
	return r
}

//go:wasmexport sl_drop
func slDrop(handle int32) { store.Drop(handle) }

//go:wasmexport sl_drop_program
func slDropProgram(program int32) { store.DropProgram(program) }

//go:wasmexport sl_gc
func slGC() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func answer(b []byte) int64 {
	out = b
	return int64(uintptr(unsafe.Pointer(&out[0])))<<32 | int64(len(out))
}
