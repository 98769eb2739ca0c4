package jsbridge

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

const room = "!room:example.org"

// crossing is a client behind its border: what goes in and comes out are words.
type crossing struct {
	*memory
	c   *future.Client
	now session.Now
}

// recurring is a text that has its number.
func (x *crossing) recurring(s string) protocol.Value {
	return protocol.Value{Kind: protocol.Text, ID: x.intern(0, copy(x.textIn, s)), Str: s}
}

// words are what the shim writes for a record: what goes out may come in.
func (x *crossing) words(fields ...protocol.Field) []int32 {
	var out session.Out
	out.AddFields(session.Settle, 0, fields)
	words := x.write(&out)
	copy(x.textIn, x.textOut)
	return append([]int32(nil), x.outbox[2:words]...)
}

// enter does what an export does, and returns the first effect's number.
func (x *crossing) enter(words []int32, run func(fields []protocol.Field)) int32 {
	n := copy(x.inbox, words)
	x.c.Reset()
	run(x.read(int32(n)))
	x.write(&x.c.Out)
	return x.outbox[1]
}

func (x *crossing) receive(fields []protocol.Field) { x.c.Receive(x.now, fields) }

// message is one of the host's: an answer to a request of ours, or a request.
func (x *crossing) message(api, action protocol.Name, id protocol.Value, more ...protocol.Field) []int32 {
	return x.words(append([]protocol.Field{
		api.Value().At(protocol.API), x.recurring("w1").At(protocol.WidgetID), id.At(protocol.RequestID),
		action.Value().At(protocol.Action), protocol.Value{Kind: protocol.Opaque, ID: 1}.At(protocol.Data),
	}, more...)...)
}

// negotiated is a crossing whose host has approved events of type t.
func negotiated(t *testing.T) *crossing {
	x := &crossing{memory: newMemory()}
	approved := []string{protocol.CapTimeline + room, "org.matrix.msc2762.send.state_event:t"}
	x.c = future.New(future.Config{
		RoomID: x.recurring(room),
		Session: session.Config{
			WidgetID: x.recurring("w1"), HostKnown: true, Capabilities: approved, DeadlineMs: 1e4, HandshakeMs: 1e5,
		},
	})
	x.c.Open(x.now)
	host := protocol.Value{Kind: protocol.Kept, ID: 2}
	x.enter(x.message(protocol.ToWidget, protocol.ActCapabilities, host), x.receive)
	list := protocol.AppendTexts(nil, protocol.DataApproved, approved)
	x.enter(x.message(protocol.ToWidget, protocol.ActNotifyCapabilities, host, list...), x.receive)
	if x.c.Status() != session.Ready {
		t.Fatalf("status %d", x.c.Status())
	}
	return x
}

func TestEventAndItsAnswerCrossTheBorderWithoutAnAllocation(t *testing.T) {
	x := negotiated(t)
	event := x.words(
		x.recurring("t").At(protocol.Type), x.recurring("k").At(protocol.StateKey),
		protocol.Value{Kind: protocol.Opaque, ID: -2}.At(protocol.Content),
	)
	serial := protocol.Value{Kind: protocol.Serial, ID: 0x7fff}
	answer := x.message(protocol.FromWidget, protocol.ActSendEvent, serial,
		protocol.Value{Kind: protocol.Opaque, ID: 2}.At(protocol.Response),
		protocol.Value{Kind: protocol.Kept, ID: 3}.At(protocol.RespRoomID),
		protocol.Value{Kind: protocol.Kept, ID: 4}.At(protocol.RespEventID))
	place := 0
	for answer[place] != serial.ID {
		place++
	}
	send := func(fields []protocol.Field) { x.c.Call(x.now, future.SendEvent, 1, fields) }
	receive := x.receive
	once := func() {
		answer[place] = x.enter(event, send)
		if x.enter(answer, receive); session.Op(x.outbox[0]&0xff) != session.Settle {
			t.Fatalf("effect %d", x.outbox[0]&0xff)
		}
	}
	for range 100 {
		once() // the tables get their size
	}
	if n := testing.AllocsPerRun(1000, once); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
