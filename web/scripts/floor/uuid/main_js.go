//go:build js && wasm

// Command uuid uses uuid once.
package main

import (
	"syscall/js"

	"github.com/google/uuid"
)

func main() { js.Global().Set("floor", uuid.NewString()) }
