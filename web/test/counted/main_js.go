//go:build js && wasm

//lint:file-ignore U1000 JavaScript calls what go:wasmexport names

// Command counted is the module that a page loads, which also says how much its
// runtime has allocated: a test counts it.
package main

import (
	"runtime"

	_ "github.com/widget-futures/widget-futures/jsbridge" // for its exports
)

func main() { select {} }

var stats runtime.MemStats

//go:wasmexport mallocs
func mallocs() uint32 {
	runtime.ReadMemStats(&stats)
	return uint32(stats.Mallocs)
}
