//go:build js && wasm

// Command trial does once what Go asks of wasm_exec.js beside syscall/js, and ends as it is told to: by the global
// `ending`. A test runs it with the wasm_exec.js that the shim contains.
package main

import (
	"os"
	"syscall/js"
	"time"

	"github.com/google/uuid"
)

func main() {
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
	case "exit":
		os.Exit(3)
	case "panic":
		panic("no way out")
	}
}
