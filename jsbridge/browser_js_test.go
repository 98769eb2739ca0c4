//go:build js && wasm

package jsbridge

import (
	"regexp"
	"strings"
	"syscall/js"
	"testing"

	"github.com/google/uuid"
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// handed is what a shim was told.
type handed struct{ record, post, origin js.Value }

// shim puts a port onto the page, as the shim does onto its scope.
func shim(t *testing.T) *handed {
	t.Helper()
	h := &handed{}
	object := js.Global().Get("Object").New()
	start := js.FuncOf(func(_ js.Value, args []js.Value) any {
		h.record, h.post, h.origin = args[0], args[1], args[2]
		return nil
	})
	object.Set("start", start)
	t.Cleanup(start.Release)
	js.Global().Set("widgetFutures", object)
	t.Cleanup(func() { js.Global().Delete("widgetFutures") })
	return h
}

func TestShimIsHandedVersionTablesAndTheBoundPostMessage(t *testing.T) {
	h := shim(t)
	if err := Start(); err != nil {
		t.Fatal(err)
	}
	text := func(name string) string { return h.record.Get(name).String() }
	if text("version") != Version || strings.Count(text("paths"), "\n") != len(protocol.Paths())-1 ||
		strings.Count(text("names"), "\n") != len(protocol.Names())-1 || text("answers") != protocol.Answers() {
		t.Fatalf("version %q, %d and %d bytes of tables", text("version"), len(text("paths")), len(text("names")))
	}
	if !h.record.Get("top").Bool() || h.origin.String() != js.Global().Get("location").Get("origin").String() {
		t.Fatalf("top %v, origin %v", h.record.Get("top"), h.origin)
	}
	id, ok := strings.CutSuffix(text("prefix"), "-")
	if parsed, err := uuid.Parse(id); !ok || err != nil || parsed.Version() != 4 {
		t.Fatalf("prefix %q", text("prefix"))
	}
	heard := make(chan string, 1)
	listen := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if data := args[0].Get("data"); data.Type() == js.TypeString {
			heard <- data.String()
		}
		return nil
	})
	defer listen.Release()
	js.Global().Call("addEventListener", "message", listen)
	defer js.Global().Call("removeEventListener", "message", listen)
	h.post.Invoke("hello", h.origin)
	if got := <-heard; got != "hello" {
		t.Fatalf("heard %q", got)
	}
}

func TestStartWithoutItsShimIsAnError(t *testing.T) {
	if err := Start(); err == nil || !strings.Contains(err.Error(), "shim") {
		t.Fatal(err)
	}
}

func TestParentThatThrowsIsAPanicThatCanBeCaughtNotTheModulesDeath(t *testing.T) {
	hostile := js.Global().Call("eval", `new Proxy({}, { get() { throw new Error("cross-origin") } })`)
	defer func() {
		if reason := recover(); reason == nil {
			t.Error("nothing was thrown")
		}
	}()
	bindPost(hostile)
}

func TestRefusedStartIsTheErrorOfReadiness(t *testing.T) {
	shim(t)
	if err := Start(); err != nil {
		t.Fatal(err)
	}
	if words := wfStart(0, 0, 0, 0, 0); words == 0 {
		t.Fatal("no effect")
	}
	if op := session.Op(bridge.outbox[0] & 0xff); op != session.Address {
		t.Fatalf("op %d of a start without facts", op)
	}
	bridge.inbox[0] = int32(protocol.StartTopLevel) | int32(protocol.True)<<16
	wfStart(0, 0, 0, 0, 1)
	if op := session.Op(bridge.outbox[0] & 0xff); op != session.Fail {
		t.Fatalf("op %d of a top-level page without widgetId", op)
	}
}

// started is a client that knows its host, begun as the shim begins it.
func started(t *testing.T, dialect protocol.Dialect) {
	t.Helper()
	shim(t)
	if err := Start(); err != nil {
		t.Fatal(err)
	}
	cfg := future.Config{}
	cfg.Session.Dialect = dialect
	cfg.Session.HostKnown = true
	cfg.Session.WidgetID = protocol.Str("w")
	cfg.Session.DeadlineMs, cfg.Session.HandshakeMs = 10000, 10000
	bridge.client = future.New(cfg)
	wfOpen(0, 0)
}

var member = regexp.MustCompile(`"(\w+)":"([^"]*)"`)

// receive writes the top-level texts and the approved list of a message into
// the inbox, as the shim would, and lets the core receive it.
func receive(t *testing.T, message string) {
	t.Helper()
	paths := map[string]protocol.Path{
		"api": protocol.API, "widgetId": protocol.WidgetID, "requestId": protocol.RequestID, "action": protocol.Action,
	}
	in, text := bridge.inbox[:0], bridge.textIn[:0]
	put := func(p protocol.Path, s string) {
		in = append(in, int32(p)|int32(protocol.Text)<<16, 0, int32(len(text)), int32(len(s)))
		text = append(text, s...)
	}
	for _, m := range member.FindAllStringSubmatch(message, -1) {
		if p, ok := paths[m[1]]; ok {
			put(p, m[2])
		}
	}
	_, list, _ := strings.Cut(message, `"approved":[`)
	list, _, _ = strings.Cut(list, "]")
	elements := strings.Split(list, ",")
	in = append(in, int32(protocol.DataApproved)|int32(protocol.List)<<16, int32(len(elements)))
	for _, e := range elements {
		put(protocol.DataApproved, strings.Trim(e, `"`))
	}
	if words := wfReceive(1, 1, 0, 0, int32(len(in))); words <= 0 {
		t.Fatalf("%d words", words)
	}
}

// TestExportsServeThePageWithoutMakingAValue calls the exports as a page does:
// from JavaScript, on this very instance, found by wrapping Go's _resume once.
func TestExportsServeThePageWithoutMakingAValue(t *testing.T) {
	started(t, protocol.None)
	receive(t, `{"api":"toWidget","widgetId":"w","requestId":"1","action":"notify_capabilities","data":{"requested":[],"approved":["org.matrix.msc2762.send.event:t"]}}`)
	js.Global().Call("eval", `{
		const resume = Go.prototype._resume;
		Go.prototype._resume = function () { globalThis.testGo = this; Go.prototype._resume = resume; return resume.call(this); };
	}`)
	woken := make(chan struct{})
	wake := js.FuncOf(func(js.Value, []js.Value) any { close(woken); return nil })
	defer wake.Release()
	js.Global().Call("setTimeout", wake, 0)
	<-woken
	id := bridge.intern(0, copy(bridge.textIn, "t"))
	js.Global().Set("testWords", js.ValueOf([]any{
		int32(protocol.Type) | int32(protocol.Text)<<16, id, int32(protocol.Content) | int32(protocol.Opaque)<<16, -2,
	}))
	growth := js.Global().Call("eval", `(() => {
		const { exports } = testGo._inst;
		const inbox = new Uint32Array(exports.mem.buffer)[exports.wf_header() >> 2] >> 2;
		let now = 5;
		const call = () => {
			new Int32Array(exports.mem.buffer).set(testWords, inbox);
			const words = exports.wf_call(now, now, 0, 1, testWords.length);
			exports.wf_abort(now, now, 1, 0);
			now += 10000; // so long it keeps its place
			exports.wf_tick(now, now);
			return words;
		};
		for (let i = 0; i < 1000; i++) call();
		const values = testGo._values.length, bytes = exports.mem.buffer.byteLength;
		let words = 0;
		for (let i = 0; i < 20000; i++) words = call();
		return [words, testGo._values.length - values, exports.mem.buffer.byteLength - bytes];
	})()`)
	words, values, bytes := growth.Index(0).Int(), growth.Index(1).Int(), growth.Index(2).Int()
	if words <= 2 || values > 0 || bytes > 0 {
		t.Fatalf("%d words posted; %d values, %d bytes more", words, values, bytes)
	}
}
