package session

import "github.com/widget-futures/widget-futures/protocol"

// Now is the time of an input.
type Now struct {
	Mono float64 // ms of a monotonic clock
	Wall float64 // ms since the Unix epoch
}

// Op says what an effect asks of the driver.
type Op int32

const (
	// Post a message of the fields to the host. ID is its serial; should
	// posting throw, the driver says so with PostFailed.
	Post Op = iota + 1
	// Deliver the message just received, a request of the host, to the page; if
	// the page does not answer it itself, post it again with these fields added.
	Deliver
	// Settle the call ID with the fields as its result. Call 0 is readiness.
	Settle
	// Fail settles the call ID with the fields as its error.
	Fail
	// Wake the core at time At (monotonic).
	Wake
	// Pin the origin of the message just received: it is the host's.
	Pin
	// Change: the status, now ID, has changed.
	Change
	// Facts tells what the host speaks and approves; ID 1: the latter has changed.
	Facts
	// HTTP: POST to the URL in the fields, without credentials, for serial ID.
	HTTP
	// Hangup: the answer to HTTP request ID is not wanted any more.
	Hangup
	// SentImmediately tells the page of an event that went out at once.
	SentImmediately
	// Orphaned tells the page of a future whose call was given up before.
	Orphaned
	// Address tells the driver the origin to post to and to hear, if it is
	// known before any message; the border's own, no session makes it.
	Address
	// Kept tells the page how the keepAlive or hold of call ID stands.
	Kept
	// Armed: the hold of call ID has a new future, in the fields.
	Armed
	// Over: the keepAlive or hold of call ID has ended; its number is free.
	Over
	// Beacon: POST {} as text/plain to the URL in the fields, by a way that
	// outlives the page. Nobody waits for its answer.
	Beacon
	// Steady asks, with ID 1, for a clock that a hidden page does not slow and
	// for the events that the host tells of; with ID 0 neither is needed.
	Steady
)

// Effect is one thing to do. Its fields are read with [Out.Fields].
type Effect struct {
	Op         Op
	ID         int32
	At         float64
	start, end int32
}

// Out collects the effects of one input. Its memory is used again: what it
// holds is valid until the next input.
type Out struct {
	Effects []Effect
	fields  []protocol.Field
}

// Reset forgets the effects of the previous input.
func (o *Out) Reset() {
	o.Effects = o.Effects[:0]
	o.fields = o.fields[:0]
}

// Fields returns the fields of one of the effects.
func (o *Out) Fields(e Effect) []protocol.Field { return o.fields[e.start:e.end] }

// Add appends an effect without fields.
func (o *Out) Add(op Op, id int32) {
	o.Effects = append(o.Effects, Effect{Op: op, ID: id})
}

// AddField appends an effect with one field.
func (o *Out) AddField(op Op, id int32, p protocol.Path, v *protocol.Value) {
	start := int32(len(o.fields))
	o.fields = protocol.Append(o.fields, p, v)
	o.Effects = append(o.Effects, Effect{Op: op, ID: id, start: start, end: int32(len(o.fields))})
}

// AddFields appends an effect with fields.
func (o *Out) AddFields(op Op, id int32, fields []protocol.Field) {
	start := int32(len(o.fields))
	o.fields = append(o.fields, fields...)
	o.Effects = append(o.Effects, Effect{Op: op, ID: id, start: start, end: int32(len(o.fields))})
}

// Fail appends the failure of a call.
func (o *Out) Fail(call int32, err *protocol.Error) {
	start := int32(len(o.fields))
	o.fields = protocol.AppendError(o.fields, err)
	o.Effects = append(o.Effects, Effect{Op: Fail, ID: call, start: start, end: int32(len(o.fields))})
}

// texts delivers the message just received, to be answered with the list.
func (o *Out) texts(p protocol.Path, list []string) {
	start := int32(len(o.fields))
	o.fields = protocol.AppendTexts(o.fields, p, list)
	o.Effects = append(o.Effects, Effect{Op: Deliver, start: start, end: int32(len(o.fields))})
}
