//go:build js && wasm

// Command empty is Go's runtime and nothing else.
package main

func main() {}
