//go:build js && wasm

// Command floor is the least that a wasm with our three building blocks can weigh: syscall/js, vert and uuid, each used
// once and nothing else. `make size` holds the real module against it.
package main

import (
	"syscall/js"

	"github.com/google/uuid"
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
	in.Name += uuid.NewString()
	js.Global().Set("floor", vert.ValueOf(in).JSValue())
}
