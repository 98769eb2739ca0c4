//go:build js && wasm

package jsbridge

import (
	"errors"
	"syscall/js"

	"github.com/google/uuid"
	"github.com/norunners/vert"
	"github.com/widget-futures/widget-futures/protocol"
)

// port is the shim's side of the hand-over, reached as js.Global()'s
// widgetFutures: wasm_exec.js is contained, its globalThis is the shim's.
var port js.Value

// What needs no page is made while the packages are initialised: a build keeps
// what main has left in memory (web/scripts/start-wasm.mjs).
var tables = struct{ paths, names, answers string }{pathTable(), nameTable(), protocol.Answers()}

func init() { bridge.memory = newMemory() }

// Start hands the border over to the shim: version and tables first, then the
// host window's postMessage and the page's own origin. It returns an error only
// when there is no shim.
func Start() error {
	port = js.Global().Get("widgetFutures")
	if port.Type() != js.TypeObject {
		return errors.New("widget-futures: the wasm was started without its shim")
	}
	if !port.Call("table", Version, tables.paths, tables.names, tables.answers).Bool() {
		return nil // of another version: the shim has said so
	}
	window := js.Global().Get("window")
	parent := window.Get("parent")
	port.Call("attach", bindPost(parent), parent.Equal(window), window.Get("origin"), uuid.NewString()+"-")
	return nil
}

// facts is the flat record of what the host approved and speaks.
type facts struct {
	Approved []string `js:"approved"`
	Versions []string `js:"versions"`
	Dialect  string   `js:"dialect"`
}

// nameTable writes the table of names for the shim, a line a name.
func nameTable() string {
	var table []byte
	for _, name := range protocol.Names() {
		table = append(append(table, name...), '\n')
	}
	return string(table[:len(table)-1])
}

// publishFacts hands what is approved to the port, as a record.
func publishFacts() {
	versions, _ := bridge.client.Versions()
	port.Call("facts", vert.ValueOf(facts{
		Approved: bridge.client.Approved(),
		Versions: versions,
		Dialect:  bridge.client.Dialect().String(),
	}).JSValue())
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

// bindPost resolves the host window's postMessage and binds it. The parent may
// be of another origin, whose members throw when they are read: a throw in
// js.Value.Get kills the module, one in Call is a panic that can be caught, so
// the member is read by Reflect.get.
func bindPost(parent js.Value) js.Value {
	return js.Global().Get("Reflect").Call("get", parent, "postMessage").Call("bind", parent)
}
