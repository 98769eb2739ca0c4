//go:build js && wasm

// Command wasm is the module that a page loads: it hands the border over to
// the shim and stays, for the exports of package jsbridge to be called.
package main

import "github.com/widget-futures/widget-futures/jsbridge"

func main() {
	if err := jsbridge.Start(); err != nil {
		panic(err) // package os, for a message and an exit status, weighs 4 kB more
	}
	select {}
}
