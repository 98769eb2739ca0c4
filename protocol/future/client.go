package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// CallKind is what the page asks for.
type CallKind int32

const (
	// SendEvent sends an event now.
	SendEvent CallKind = iota
	// SendFuture schedules one.
	SendFuture
	// RefreshFuture, CancelFuture and SendFutureNow are the verbs; they keep
	// the order of [protocol.Verb].
	RefreshFuture
	CancelFuture
	SendFutureNow
	// Request is any Widget API action.
	Request
	// RequestCapabilities asks for more capabilities.
	RequestCapabilities
	// ContentLoaded says that the page is there.
	ContentLoaded
	// KeepAlive refreshes a future until the call is given up.
	KeepAlive
	// HoldState keeps a state event in the room as long as the page lives.
	HoldState
	// UpdateHold and ReleaseHold change and end the hold of another call.
	UpdateHold
	ReleaseHold
	// FirstAction is the first of [protocol.Actions]; the others follow.
	FirstAction

	callKinds = FirstAction + CallKind(len(protocol.Actions))
)

// OpenID is the one action whose answer may come later, as a request of the host.
const OpenID = FirstAction + 4

// CallKinds names the kinds for the page, indexed by [CallKind].
func CallKinds() []string {
	return []string{
		"sendEvent", "sendFuture", "refresh", "cancel", "send",
		"request", "requestCapabilities", "contentLoaded",
		"keepAlive", "holdState", "updateHold", "releaseHold",
		"readEvents", "readRelations", "readAccountData", "sendToDevice", "openId",
		"watchTurnServers", "unwatchTurnServers", "navigate", "sendSticker", "alwaysOnScreen",
		"openModal", "closeModal", "modalButton", "mediaConfig", "uploadFile", "downloadFile",
		"searchUsers", "rtcTransports", "livekitToken", "delegateLeave",
	}
}

// The owner's kinds of session requests.
const (
	kindEvent session.Kind = iota
	kindFuture
	kindVerb
	kindRequest
	kindProbe
	kindOpenID
)

// Config is what a client starts from.
type Config struct {
	Session       session.Config
	RoomID        protocol.Value // default room; Absent: the page names it each time
	UserID        string         // who the user is, as the page was told; what the room shows counts more
	HomeserverURL string         // "" where tokens cannot be used
	TokenPath     string         // "": the dialect's own
	// ProbeAction is the random action name that a probe compares with.
	ProbeAction string
	// Seed, from 0 to 1, is what jitter is drawn from: each page needs its own.
	Seed float64
}

// Client is a widget's conversation with its host, futures included.
type Client struct {
	*session.Session

	cfg  Config
	gate []*pending // calls that wait for the negotiation or the probe, in order
	// Of those in the gate, the page's by their number, and how many are gone.
	gateCalls map[int32]*pending
	gateGone  int
	signs     signs // when they were tried last
	probe     probe
	refused   bool // the host sent a future at once: no more of them

	openIDs  []*openID // requests that a person is asked about
	posts    []*post   // to the homeserver, under way
	lastPost int32

	receipts    [64]receiptID // of the last requests, for those that are answered twice
	lastReceipt int
	keepers     []*keeper
	places      []*place // of the holds, and where leaves of ended ones may go out
	self        string   // our user id, once it is known
	lastKeeper  int32
	lastTicket  int32
	lastAttempt int32
	last        session.Now // of the previous input
	seed        float64
	limitedAt   float64 // until when a 429 asks all refreshes to wait
	steady      bool    // the page has been asked for a steady clock
	closes      bool    // Close was called
	hiding      bool    // the page may be gone when this input ends

	allowed     map[[4]int32]struct{} // events the present grants allow
	lastAllowed [4]int32              // the one found there last; a page repeats itself
	revision    int                   // of the grants behind allowed
	scratch     []protocol.Field
}

// New makes a client. Capabilities that the dialect and the room need are asked
// for beside the configured ones.
func New(cfg Config) *Client {
	cfg.Session.Capabilities = append(cfg.Session.Capabilities[:len(cfg.Session.Capabilities):len(cfg.Session.Capabilities)],
		cfg.Session.Dialect.Asks()...)
	if cfg.RoomID.Kind == protocol.Text {
		cfg.Session.Capabilities = append(cfg.Session.Capabilities, protocol.CapTimeline+cfg.RoomID.Str)
	}
	return &Client{
		Session: session.New(cfg.Session), cfg: cfg, allowed: map[[4]int32]struct{}{}, seed: cfg.Seed, self: cfg.UserID,
	}
}

// Open posts the opening messages.
func (c *Client) Open(now session.Now) {
	c.Session.Open(now)
	c.advance(now)
}

// Receive takes a message of the host.
func (c *Client) Receive(now session.Now, message []protocol.Field) {
	if a, ok := c.Session.Receive(now, message); ok {
		c.answered(now, &a)
	}
	switch c.HostAction() {
	case protocol.ActSendEvent.String(), protocol.ActUpdateState.String():
		c.heard(now, message)
	case protocol.ActOpenIDCredentials.String():
		c.credentials(message)
	}
	c.advance(now)
}

// Tick keeps the deadlines.
func (c *Client) Tick(now session.Now) {
	for {
		a, ok := c.Session.Expire(now)
		if !ok {
			break
		}
		c.answered(now, &a)
	}
	c.expirePosts(now)
	c.expireOpenIDs(now)
	c.advance(now)
}

// PostFailed ends the request whose posting threw.
func (c *Client) PostFailed(now session.Now, serial int32) {
	if a, ok := c.Session.PostFailed(now, serial); ok {
		c.answered(now, &a)
	}
	c.advance(now)
}

// Abort gives a call up. Nothing settles it any more; if it was posted already
// and turns out to have scheduled a future, the page is told.
func (c *Client) Abort(now session.Now, call int32) {
	c.GiveUp(now, call)
	c.rest(now)
}

// GiveUp is [Client.Abort] of one of several calls: until the last of them is
// given up, with Abort, none of the others goes out in its stead.
func (c *Client) GiveUp(now session.Now, call int32) {
	if !c.abortKeeper(now, call) && !c.abortGate(call) && !c.abortPost(call) && c.takeOpenID(call, 0, 0) == nil {
		c.Session.Abort(now, call)
	}
}

// Close settles the page's calls with closed, stops what is kept alive and
// releases the holds; with the last of these, or at once, the conversation
// ends. Other futures at the homeserver go on.
func (c *Client) Close(now session.Now) {
	if c.closes {
		return
	}
	c.closes = true
	closed := session.ClosedError()
	c.sift(func(p *pending) bool {
		if p.owner == 0 {
			c.Fail(p.call, closed)
		}
		return p.owner == 0
	})
	for i := 0; i < len(c.posts); i++ {
		if p := c.posts[i]; p.owner <= 0 {
			c.hangUp(i)
			c.Fail(p.call, closed)
			i--
		}
	}
	for len(c.openIDs) > 0 {
		c.Fail(c.openIDs[0].call, closed)
		c.openIDs = without(c.openIDs, 0)
	}
	for { // the keepers' requests go on
		a, ok := c.Session.CutOff(now)
		if !ok {
			break
		}
		c.answered(now, &a)
	}
	c.closeKeepers(now)
	c.advance(now)
}

// closing is why no more calls are taken.
func (c *Client) closing() *protocol.Error {
	if c.closes {
		return session.ClosedError()
	}
	return nil
}

// end closes the session once nothing is held any more.
func (c *Client) end(now session.Now) {
	if !c.closes || len(c.keepers) > 0 || c.Status() == session.Closed {
		return
	}
	for len(c.posts) > 0 {
		c.hangUp(0)
	}
	for {
		a, ok := c.Session.Close()
		if !ok {
			return
		}
		c.answered(now, &a)
	}
}

// answered settles the call behind one of our requests.
func (c *Client) answered(now session.Now, a *session.Answer) {
	switch a.Kind {
	case kindEvent:
		c.eventAnswered(now, a)
	case kindFuture:
		c.futureAnswered(now, a)
	case kindVerb:
		c.verbAnswered(now, a)
	case kindRequest:
		c.requestAnswered(a)
	case kindProbe:
		c.probeAnswered(now, a)
	case kindOpenID:
		c.openIDAnswered(now, a)
	}
}

// requestAnswered hands the answer through.
func (c *Client) requestAnswered(a *session.Answer) {
	response := protocol.Get(a.Message, protocol.Response)
	switch {
	case a.Err != nil:
		c.Fail(a.Call, a.Err)
	case response.Kind != protocol.Opaque:
		c.Fail(a.Call, about(a, protocol.BadResponse(protocol.Response, "must be an object")))
	default:
		c.AddField(session.Settle, a.Call, protocol.Body, &response)
	}
}

// about names the request in an error about its answer.
func about(a *session.Answer, err *protocol.Error) *protocol.Error {
	err.Action, err.Serial = a.Action.Str, a.Serial
	return err
}

// Page takes what happened to the page.
func (c *Client) Page(now session.Now, event PageEvent) {
	c.hiding = event == PageHidden
	c.pageChanged(now, event)
	c.hiding = false
	c.advance(now)
}
