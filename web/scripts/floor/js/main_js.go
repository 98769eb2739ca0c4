//go:build js && wasm

// Command js uses syscall/js once.
package main

import "syscall/js"

func main() { js.Global().Set("floor", js.Global().Get("Object").New()) }
