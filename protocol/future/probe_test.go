package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

const updateAction = "org.matrix.msc4157.update_delayed_event"

func refusing(text string) message { return message{"error": message{"message": text}} }

func TestFirstFutureProbesWithAnEmptyDelayIDBesideARandomAction(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	p.call(SendFuture, future(5000))
	if p.actions() != updateAction+" random.action" {
		t.Fatalf("posted %q", p.actions())
	}
	for _, m := range p.posts {
		data := m["data"].(message)
		if data["delay_id"] != "" || data["action"] != "cancel" || len(data) != 2 {
			t.Fatalf("probe %v", m)
		}
	}
}

func TestProbeDecidesByComparingTheTwoAnswers(t *testing.T) {
	matrix := func(errcode string) message {
		return message{"error": message{"message": "x", "matrix_api_error": message{
			"http_status": 404, "response": message{"errcode": errcode, "error": "e"},
		}}}
	}
	silent := message(nil)
	for _, test := range []struct {
		name         string
		real, random message
		known        bool
	}{
		{"different refusals", refusing("Invalid request - missing delay_id"), refusing("Unknown action: random.action"), true},
		{"equal but for the action names", refusing("Unknown action: " + updateAction), refusing("Unknown action: random.action"), false},
		{"equal but for names and request ids", refusing("Unknown " + updateAction + " (id 17f)"), refusing("Unknown random.action (id 18e)"), false},
		{"identical texts", refusing("no"), refusing("no"), false},
		{"both acknowledged", message{}, message{}, false},
		{"both acknowledged with different members", message{"a": 1}, message{}, false},
		{"acknowledged and refused", message{}, refusing("Unknown action: random.action"), true},
		{"relayed and refused", matrix("M_NOT_FOUND"), refusing("x"), true},
		{"relayed alike", matrix("M_NOT_FOUND"), matrix("M_NOT_FOUND"), false},
		{"relayed with different codes", matrix("M_NOT_FOUND"), matrix("M_UNRECOGNIZED"), true},
		{"both silent", silent, silent, false},
		{"only the random one silent", refusing("no"), silent, false},
		{"only the real one silent", silent, refusing("no"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := negotiated(t, protocol.Auto, everything)
			call := p.call(SendFuture, future(5000))
			for action, response := range map[string]message{updateAction: test.real, "random.action": test.random} {
				if response != nil {
					p.answer(action, response)
				}
			}
			if test.real == nil || test.random == nil {
				p.pass(10000)
			}
			p.posts = drop(p.posts, "random.action")
			p.posts = drop(p.posts, updateAction)
			if test.known {
				p.answer("send_event", message{"room_id": room, "delay_id": "d"})
				p.succeeds(call)
				return
			}
			p.fails(call, "unsupported", "not known to schedule")
			if p.actions() != "" {
				t.Fatalf("posted %q", p.actions())
			}
			p.call(SendFuture, future(5000))
			if p.actions() != updateAction+" random.action" {
				t.Fatalf("the next call posted %q, not a new probe", p.actions())
			}
		})
	}
}

func drop(posts []message, action string) []message {
	var kept []message
	for _, m := range posts {
		if m["action"] != action {
			kept = append(kept, m)
		}
	}
	return kept
}

func TestOneAnswerBesideSilenceProvesNothing(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendFuture, future(5000))
	p.pass(9000)
	p.answer(updateAction, refusing("busy"))
	p.pass(2000)
	p.fails(call, "unsupported", "only one")
}

func TestProbeRunsOnceForASession(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	first := p.call(SendFuture, future(5000))
	second := p.call(SendFuture, future(6000))
	p.answerProbe()
	if p.actions() != "send_event send_event" {
		t.Fatalf("posted %q", p.actions())
	}
	p.answer("send_event", message{"room_id": room, "delay_id": "a"})
	p.answer("send_event", message{"room_id": room, "delay_id": "b"})
	if p.succeeds(first)["delayId"] != "a" || p.succeeds(second)["delayId"] != "b" {
		t.Fatal("the futures changed places")
	}
	p.call(SendFuture, future(5000))
	if p.actions() != "send_event" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestDottedHostIsProbedAndServedByItsOwnAction(t *testing.T) {
	approved := append([]string{protocol.CapUpdateDelayedDotted}, everything...)
	for i, c := range approved {
		if c == protocol.CapUpdateDelayed {
			approved = append(approved[:i], approved[i+1:]...)
		}
	}
	p := negotiated(t, protocol.Auto, approved)
	call := p.call(SendFuture, future(5000))
	const dotted = "org.matrix.msc4157.update.delayed_event"
	p.answer(dotted, refusing("Invalid request - missing delay_id"))
	p.answer("random.action", refusing("Unknown"))
	p.answer("send_event", message{"room_id": room, "delay_id": "d"})
	saved := p.succeeds(call)
	if saved["dialect"] != "delayed-dotted" {
		t.Fatalf("dialect %v", saved["dialect"])
	}
	verb := p.call(CancelFuture, saved)
	p.answer(dotted, message{})
	p.succeeds(verb)
}

func TestFutureAbortedDuringTheProbeIsNeverPosted(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	p.abort(p.call(SendFuture, future(5000)))
	p.answerProbe()
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestTokenDialectsAreNotProbed(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything)
	p.call(SendFuture, future(5000))
	if p.actions() != "send_event" {
		t.Fatalf("posted %q", p.actions())
	}
}
