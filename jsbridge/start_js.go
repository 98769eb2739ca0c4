//go:build js && wasm

package jsbridge

import (
	"errors"
	"syscall/js"

	"github.com/google/uuid"
	"github.com/norunners/vert"
	"github.com/widget-futures/widget-futures/protocol"
)

// handOver is what the shim is told at the start, as a record.
type handOver struct {
	Version string `js:"version"`
	Paths   string `js:"paths"`
	Names   string `js:"names"`
	Answers string `js:"answers"`
	Prefix  string `js:"prefix"` // of our request ids
	Top     bool   `js:"top"`    // the page is not in a frame
}

// Start hands the border over to the shim: the tables, the host window's
// postMessage and the page's own origin. It returns an error only when there is
// no shim. The shim is reached as js.Global()'s widgetFutures: wasm_exec.js is
// contained, its globalThis is the shim's.
func Start() error {
	bridge.memory = newMemory()
	shim := js.Global().Get("widgetFutures")
	if shim.Type() != js.TypeObject {
		return errors.New("widget-futures: the wasm was started without its shim")
	}
	window := js.Global().Get("window")
	parent := window.Get("parent")
	shim.Call("start", vert.ValueOf(handOver{
		Version: Version, Paths: pathTable(), Names: nameTable(), Answers: protocol.Answers(),
		Prefix: uuid.NewString() + "-", Top: parent.Equal(window),
	}).JSValue(), bindPost(parent), window.Get("origin"))
	return nil
}

// pathTable writes the path table for the shim: a line a path, side, mode, name.
func pathTable() string {
	var table []byte
	for _, row := range protocol.Paths() {
		table = append(table, '0'+byte(row.Side), '0'+byte(row.Mode))
		table = append(append(table, row.Name...), '\n')
	}
	return string(table[:len(table)-1])
}

// nameTable writes the table of names for the shim, a line a name.
func nameTable() string {
	var table []byte
	for _, name := range protocol.Names() {
		table = append(append(table, name...), '\n')
	}
	return string(table[:len(table)-1])
}

// bindPost resolves the host window's postMessage and binds it. The parent may
// be of another origin, whose members throw when they are read: a throw in
// js.Value.Get kills the module, one in Call is a panic, so the member is read
// by Reflect.get.
func bindPost(parent js.Value) js.Value {
	return js.Global().Get("Reflect").Call("get", parent, "postMessage").Call("bind", parent)
}
