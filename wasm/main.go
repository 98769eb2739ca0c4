//go:build js && wasm

// Command wasm is the module that a page loads: it hands the border over to
// the shim and stays, for the exports of package jsbridge to be called.
package main

import (
	"os"

	"github.com/widget-futures/widget-futures/jsbridge"
)

func main() {
	if err := jsbridge.Start(); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	select {}
}
