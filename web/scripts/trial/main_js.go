//go:build js && wasm

//lint:file-ignore U1000 JavaScript calls what go:wasmexport names

// Command trial does once what Go asks of wasm_exec.js beside syscall/js, and ends as it is told to: by the global
// `ending`. A test runs it with the wasm_exec.js that the shim contains, started by the build as the product is.
package main

import (
	"os"
	"syscall/js"
	"time"

	"github.com/google/uuid"
)

func main() { select {} }

// load begins: an export may not wait, but what it leaves runs when JavaScript
// resumes Go.
//
//go:wasmexport wf_load
func load() { go try() }

func try() {
	before := time.Now()
	time.Sleep(20 * time.Millisecond)
	js.Global().Set("result", js.ValueOf(map[string]any{
		"sleptMs": time.Since(before).Milliseconds(),
		"wallMs":  time.Now().UnixMilli(),
		"uuid":    uuid.NewString(),
		"args":    len(os.Args),
		"env":     len(os.Environ()),
	}))
	print("half a line, ")
	println("and the other")
	switch js.Global().Get("ending").String() {
	case "panic":
		panic("no way out")
	case "failure":
		os.Exit(3)
	}
	os.Exit(0)
}
