//go:build js && wasm

//lint:file-ignore U1000 the shim calls what go:wasmexport names

package jsbridge

import (
	"unsafe"

	"github.com/google/uuid"
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// bridge is the one instance: a wasm instance serves one WidgetClient.
var bridge struct {
	*memory
	client *future.Client
	out    *session.Out
	header [6]uint32
}

// Words of the header that any input may change.
const (
	headOutbox  = 4
	headTextOut = 5
)

// dead is what an export returns after a panic; the text of it is in text out.
const dead = -1

// wfLoad is what a main would do if it ran in the page.
//
//go:wasmexport wf_load
func wfLoad() {
	if err := Start(); err != nil {
		panic(err) // package os, for a message and an exit status, weighs 4 kB more
	}
}

// wfHeader returns where the header is, which stays there.
//
//go:wasmexport wf_header
func wfHeader() uint32 {
	setHeader()
	return address(unsafe.Pointer(&bridge.header))
}

// setHeader writes down where the buffers are. The shim reads it after each
// export that may move one of them.
func setHeader() {
	b := &bridge
	b.header = [6]uint32{
		address(unsafe.Pointer(unsafe.SliceData(b.inbox))), uint32(len(b.inbox)),
		address(unsafe.Pointer(unsafe.SliceData(b.textIn))), uint32(len(b.textIn)),
		headOutbox:  address(unsafe.Pointer(unsafe.SliceData(b.outbox))),
		headTextOut: address(unsafe.Pointer(unsafe.SliceData(b.textOut))),
	}
}

func address(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

//go:wasmexport wf_reserve
func wfReserve(words, bytes int32) {
	bridge.reserve(int(words), int(bytes))
	setHeader()
}

//go:wasmexport wf_intern
func wfIntern(at, bytes int32) int32 { return bridge.intern(int(at), int(bytes)) }

// The exports below are inputs of the core. All take the time first, then two
// numbers and how many words of the inbox are theirs, so that the shim has one
// way to call them; wasm drops what an export does not take.

// wfStart makes the client of the record that it starts from.
//
//go:wasmexport wf_start
func wfStart(_, _ float64, _, _, in int32) (words int32) {
	empty()
	bridge.out = &session.Out{}
	defer finish(&words)
	cfg, p, err := configure(bridge.read(in), "probe."+uuid.NewString())
	if err != nil {
		bridge.out.Fail(0, err)
		return
	}
	bridge.client = future.New(cfg)
	bridge.out.AddField(session.Address, 0, protocol.StartHostOrigin, &protocol.Value{Kind: protocol.Text, Str: p.origin})
	return
}

//go:wasmexport wf_open
func wfOpen(mono, wall float64) (words int32) {
	defer finish(&words)
	begin().Open(session.Now{Mono: mono, Wall: wall})
	return
}

//go:wasmexport wf_receive
func wfReceive(mono, wall float64, _, _, in int32) (words int32) {
	defer finish(&words)
	begin().Receive(session.Now{Mono: mono, Wall: wall}, bridge.read(in))
	return
}

//go:wasmexport wf_call
func wfCall(mono, wall float64, kind, call, in int32) (words int32) {
	defer finish(&words)
	begin().Call(session.Now{Mono: mono, Wall: wall}, future.CallKind(kind), call, bridge.read(in))
	return
}

// wfAbort: while more are to be given up, nothing goes out in their stead.
//
//go:wasmexport wf_abort
func wfAbort(mono, wall float64, call, more int32) (words int32) {
	defer finish(&words)
	if now := (session.Now{Mono: mono, Wall: wall}); more != 0 {
		begin().GiveUp(now, call)
	} else {
		begin().Abort(now, call)
	}
	return
}

//go:wasmexport wf_tick
func wfTick(mono, wall float64) (words int32) {
	defer finish(&words)
	begin().Tick(session.Now{Mono: mono, Wall: wall})
	return
}

//go:wasmexport wf_post_failed
func wfPostFailed(mono, wall float64, serial int32) (words int32) {
	defer finish(&words)
	begin().PostFailed(session.Now{Mono: mono, Wall: wall}, serial)
	return
}

//go:wasmexport wf_http_done
func wfHTTPDone(mono, wall float64, serial, status, in int32) (words int32) {
	defer finish(&words)
	begin().HTTPDone(session.Now{Mono: mono, Wall: wall}, serial, int(status), bridge.read(in))
	return
}

//go:wasmexport wf_page
func wfPage(mono, wall float64, event int32) (words int32) {
	defer finish(&words)
	begin().Page(session.Now{Mono: mono, Wall: wall}, future.PageEvent(event))
	return
}

//go:wasmexport wf_close
func wfClose(mono, wall float64) (words int32) {
	defer finish(&words)
	begin().Close(session.Now{Mono: mono, Wall: wall})
	return
}

// begin readies the core for an input.
func begin() *future.Client {
	empty()
	bridge.client.Reset()
	bridge.out = &bridge.client.Out
	return bridge.client
}

func empty() {
	bridge.outbox = bridge.outbox[:0]
	bridge.textOut = bridge.textOut[:0]
}

// finish encodes the effects of an input. It is deferred so that a panic of the
// core is caught in the export itself: the shim then declares the module dead,
// since later exports would seem to work.
func finish(words *int32) {
	if reason := recover(); reason != nil {
		bury(reason)
		setHeader()
		*words = dead
		return
	}
	for _, e := range bridge.out.Effects {
		if e.Op == session.Facts {
			publishFacts()
			break
		}
	}
	bridge.write(bridge.out)
	b := &bridge
	b.header[headOutbox] = address(unsafe.Pointer(unsafe.SliceData(b.outbox)))
	b.header[headTextOut] = address(unsafe.Pointer(unsafe.SliceData(b.textOut)))
	*words = int32(len(bridge.outbox))
}

// bury leaves the panic's text for the error of every call.
func bury(reason any) {
	text := "panic"
	switch r := reason.(type) {
	case error:
		text = r.Error()
	case string:
		text = r
	}
	bridge.textOut = append(bridge.textOut[:0], text...)
	bridge.outbox = append(bridge.outbox[:0], int32(len(text)))
}
