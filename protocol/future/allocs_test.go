package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// exchange makes a function that does a call and its answer as the border does
// it: texts that recur are numbered, and the fields' memory is used again.
func exchange(t *testing.T, kind CallKind, args message, receipt ...protocol.Field) func() {
	p := proved(t, everything)
	c := p.c
	c.cfg.RoomID = protocol.Value{Kind: protocol.Text, ID: 900, Str: room}
	input := p.codec.Read(protocol.Page, plain(args))
	answer := append([]protocol.Field{
		protocol.FromWidget.Value().At(protocol.API),
		protocol.Value{Kind: protocol.Text, ID: 901, Str: "w1"}.At(protocol.WidgetID),
		{Path: protocol.RequestID},
		protocol.ActSendEvent.Value().At(protocol.Action),
		protocol.Value{Kind: protocol.Opaque, ID: 1}.At(protocol.Data),
		protocol.Value{Kind: protocol.Opaque, ID: 2}.At(protocol.Response),
		protocol.Value{Kind: protocol.Kept, ID: 3}.At(protocol.RespRoomID),
	}, receipt...)
	call := int32(100)
	return func() {
		call++
		c.Reset()
		c.Call(p.now, kind, call, input)
		serial := int32(0)
		for _, e := range c.Effects {
			if e.Op == session.Post {
				serial = e.ID
			}
		}
		answer[2].Value = protocol.Value{Kind: protocol.Serial, ID: serial}
		c.Reset()
		c.Receive(p.now, answer)
		if n := len(c.Effects); n != 1 || c.Effects[0].Op != session.Settle || c.Effects[0].ID != call {
			t.Fatalf("effects %v", c.Effects)
		}
	}
}

func TestEventAndItsAnswerAllocateNothing(t *testing.T) {
	once := exchange(t, SendEvent, event, protocol.Value{Kind: protocol.Kept, ID: 4}.At(protocol.RespEventID))
	if n := testing.AllocsPerRun(1000, once); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFutureAndItsReceiptAllocateNextToNothing(t *testing.T) {
	once := exchange(t, SendFuture, future(5000), protocol.Str("syd_1").At(protocol.RespDelayID))
	if n := testing.AllocsPerRun(1000, once); n > 4 {
		t.Errorf("%v allocations", n)
	}
}

func TestVerbAndItsAnswerAllocateNextToNothing(t *testing.T) {
	once := exchange(t, RefreshFuture, delayedFuture)
	if n := testing.AllocsPerRun(1000, once); n > 4 {
		t.Errorf("%v allocations", n)
	}
}
