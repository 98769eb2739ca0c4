//go:build js && wasm

// Command wasm is the module that a page loads: it hands the border over to
// the shim and stays, for the exports of package jsbridge to be called.
package main

import _ "github.com/widget-futures/widget-futures/jsbridge" // for its exports

func main() { select {} }
