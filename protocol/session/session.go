package session

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
)

// Status is where the conversation stands.
type Status int32

const (
	// Negotiating: capabilities are not settled yet.
	Negotiating Status = iota
	// Ready: the host has said what it approves.
	Ready
	// Failed: the negotiation did not end in time. A host that ends it later
	// still makes the session ready.
	Failed
	// Closed is the end.
	Closed
)

// Statuses names the statuses for the page, indexed by [Status].
func Statuses() []string { return []string{"negotiating", "ready", "failed", "closed"} }

// Config is what a session starts from.
type Config struct {
	Dialect             protocol.Dialect // Auto: by what the host approves
	WidgetID            protocol.Value   // Absent: adopted from the first host request
	HostKnown           bool             // the host's origin is known, so it can be posted to
	ManualContentLoaded bool             // the page says when to send content_loaded
	Capabilities        []string         // to ask for
	DeadlineMs          float64          // per request, from posting
	HandshakeMs         float64          // for the negotiation: people answer prompts
	MaxInFlight         int              // 0: by what the host advertises
	// Eager is how matrix-widget-api behaves: the owner's eager requests need no
	// negotiation, and asking for more capabilities ends when the host has taken
	// the request, not when it has decided.
	Eager bool
}

// Session is the conversation. The zero value is of no use; see [New].
type Session struct {
	Out

	cfg     Config
	opened  bool
	greeted bool
	status  Status
	failure *protocol.Error // why the negotiation failed

	handshakeDue float64
	armed        float64 // the nearest wake-up asked for

	table   table
	waiting waiting
	at      int // how far the flights have been gone through

	grants       protocol.Grants
	approved     []string
	approvalSeen bool // the host said what it approves
	revision     int  // counts the changes of the grants
	asked        bool // capabilities was answered

	versions      []string
	versionsKnown bool // answered, refused or timed out
	unnotified    bool // the host does not tell what it approves (no MSC2871)
	renegotiates  bool // the host advertises MSC2974

	loaded       contentLoaded
	negotiations line[negotiation]
	hostAction   string // of the host's request that was received last, "" for an answer
}

// New makes a session; nothing is posted before [Session.Open].
func New(cfg Config) *Session {
	cfg.Capabilities = union(nil, cfg.Capabilities)
	return &Session{cfg: cfg, armed: math.Inf(1), handshakeDue: math.Inf(1)}
}

// Status returns where the conversation stands.
func (s *Session) Status() Status { return s.status }

// Grants returns what the host approved; known is false for a host that does
// not tell (without MSC2871).
func (s *Session) Grants() (g protocol.Grants, known bool) { return s.grants, s.approvalSeen }

// Revision changes whenever the grants do.
func (s *Session) Revision() int { return s.revision }

// Approved lists what the host approved, as it said it.
func (s *Session) Approved() []string { return s.approved }

// Dialect returns the dialect in use: Auto as long as nothing is approved.
func (s *Session) Dialect() protocol.Dialect {
	if !s.approvalSeen {
		return s.cfg.Dialect
	}
	return s.cfg.Dialect.Resolve(s.grants)
}

// Versions lists what the host advertises; known is false while it has not
// answered and its deadline runs.
func (s *Session) Versions() (list []string, known bool) { return s.versions, s.versionsKnown }

// Failure returns why the negotiation failed; nil when it has not.
func (s *Session) Failure() *protocol.Error { return s.failure }

// HostAction returns the action of the message that was received last, if it is
// a request of the host that is delivered to the page and has no other effect here.
func (s *Session) HostAction() string { return s.hostAction }

// Renegotiates reports whether the host advertises MSC2974.
func (s *Session) Renegotiates() bool { return s.renegotiates }

// Open posts the opening messages, as far as the host is known, and starts the
// clock of the handshake.
func (s *Session) Open(now Now) {
	if s.status == Closed {
		return
	}
	s.opened = true
	if s.status == Negotiating {
		s.handshakeDue = now.Mono + s.cfg.HandshakeMs
		s.WakeAt(s.handshakeDue)
	}
	s.greet(now)
}

// greet says hello once the host can be addressed.
func (s *Session) greet(now Now) {
	if s.greeted || !s.opened || !s.canPost() {
		return
	}
	s.greeted = true
	s.post(now, &Request{Kind: kindVersions, Action: protocol.ActSupportedVersions.Value()})
	switch {
	case s.loaded.wanted || (!s.cfg.ManualContentLoaded && !s.asked):
		s.loaded.send(s, now)
	case !s.cfg.ManualContentLoaded:
		s.loaded.end(s) // the host has begun by itself
	}
}

func (s *Session) canPost() bool {
	return s.cfg.HostKnown && s.cfg.WidgetID.Kind == protocol.Text
}

func (s *Session) post(now Now, r *Request) {
	f := s.table.add(r)
	f.posted = now
	if f.DeadlineMs == 0 {
		f.DeadlineMs = s.cfg.DeadlineMs
	}
	f.due = now.Mono + f.DeadlineMs
	s.WakeAt(min(f.due, now.Mono+hostLife))

	start := int32(len(s.fields))
	s.fields = protocol.AppendName(s.fields, protocol.API, protocol.FromWidget)
	s.fields = protocol.Append(s.fields, protocol.WidgetID, &s.cfg.WidgetID)
	s.fields = protocol.Append(s.fields, protocol.RequestID, &protocol.Value{Kind: protocol.Serial, ID: f.serial})
	s.fields = protocol.Append(s.fields, protocol.Action, &f.Action)
	if len(f.Fields) == 0 {
		// Rust hosts want data even where there is nothing to say.
		s.fields = append(s.fields, protocol.Value{Kind: protocol.Opaque}.At(protocol.Data))
	}
	s.fields = append(s.fields, f.Fields...)
	s.Effects = append(s.Effects, Effect{Op: Post, ID: f.serial, start: start, end: int32(len(s.fields))})
}

// WakeAt asks to be woken at the time given, unless an earlier waking is due.
func (s *Session) WakeAt(at float64) {
	if at < s.armed && at < forever {
		s.armed = at
		s.Effects = append(s.Effects, Effect{Op: Wake, At: at})
	}
}

func (s *Session) setStatus(status Status) {
	s.status = status
	s.AddField(Change, int32(status), protocol.Status, &protocol.Value{Kind: protocol.Text, Str: Statuses()[status]})
}

func (s *Session) fail(err *protocol.Error) {
	s.failure = err
	s.Out.Fail(0, err)
	s.setStatus(Failed)
	if !s.loaded.sent {
		s.loaded.err = err
		s.loaded.end(s)
		s.loaded.done, s.loaded.err = false, nil
	}
}

// ClosedError is what calls are settled with once the session is closed.
func ClosedError() *protocol.Error {
	return protocol.NewError(protocol.CodeClosed, "the client was closed")
}

func timeoutError(a *Answer) *protocol.Error {
	return &protocol.Error{
		Code: protocol.CodeTimeout, Message: "the host did not answer in time",
		Action: a.Action.Str, Serial: a.Serial, DeadlineMs: a.DeadlineMs,
	}
}

func (s *Session) handshakeError() *protocol.Error {
	e := &protocol.Error{
		Code: protocol.CodeTimeout, Message: "the host did not finish the negotiation of capabilities in time",
		DeadlineMs: s.cfg.HandshakeMs,
	}
	switch {
	case s.cfg.WidgetID.Kind != protocol.Text:
		e.Hint = "widgetId is not known: pass it, or put it in the widget's URL"
	case !s.cfg.HostKnown:
		e.Hint = "the host's origin is not known: pass hostOrigin, or put parentUrl in the widget's URL"
	case !s.asked:
		e.Hint = "the host never asked for capabilities"
	}
	return e
}
