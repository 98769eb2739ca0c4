//go:build js && wasm

// Command vert uses vert once, both ways.
package main

import (
	"syscall/js"

	"github.com/norunners/vert"
)

type record struct {
	Name string `js:"name"`
}

func main() {
	var in record
	if err := vert.ValueOf(js.Global().Get("Object").New()).AssignTo(&in); err != nil {
		panic(err)
	}
	js.Global().Set("floor", vert.ValueOf(in).JSValue())
}
