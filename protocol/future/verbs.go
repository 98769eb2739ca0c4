package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// verb is a verb on a future. What the page holds is not kept here between
// calls: its state is the homeserver's.
type verb struct {
	verb      protocol.Verb
	dialect   protocol.Dialect
	delayID   string
	url       string // of a token verb
	timeoutMs float64
	ticket    int32 // of a keeper's own future
	doubts    int32 // of its hold, when this was posted
}

// readVerb reads the future that the page holds and finds the way of the verb.
func (c *Client) readVerb(p *pending, args []protocol.Field) (err *protocol.Error) {
	if protocol.Get(args, protocol.Ended).Kind == protocol.True {
		return protocol.NewError(protocol.CodeSpent, "the future is gone: it was sent or cancelled")
	}
	t, err := readTicket(args)
	if err == nil {
		p.verb, err = c.way(protocol.Verb(p.kind-RefreshFuture), &t)
		p.about = c.keeperOf(&t)
	}
	if k := c.keeper(p.about); k != nil && err == nil && p.kind != RefreshFuture {
		k.endingCall = p.call
	}
	return err
}

// way finds how the verb is done on a future.
func (c *Client) way(v protocol.Verb, t *ticket) (verb, *protocol.Error) {
	out := verb{verb: v, dialect: t.dialect, delayID: t.delayID, timeoutMs: t.timeoutMs, ticket: t.id}
	if !t.dialect.Tokens() {
		if t.delayID == "" {
			// An empty id is the probe's; it must never be a verb's.
			return out, protocol.Invalid(protocol.DelayID, "must be a non-empty string")
		}
		return out, nil
	}
	token := t.token(v)
	switch {
	case token == "" && v == protocol.Refresh && t.timeoutMs == 0:
		return out, protocol.Unsupported("an action future cannot be refreshed: it has no timer")
	case token == "":
		return out, protocol.Unsupported(v.Token().String() + ": the host gave this future no such token")
	case c.cfg.HomeserverURL == "":
		return out, needsHomeserver()
	}
	path := c.cfg.TokenPath
	if path == "" {
		path = t.dialect.Info().TokenPath
	}
	if out.url = protocol.TokenURL(c.cfg.HomeserverURL, path, token); out.url == "" {
		return out, protocol.Invalid(v.Token(), "cannot be part of a path")
	}
	return out, nil
}

func needsHomeserver() *protocol.Error {
	e := protocol.Invalid(protocol.HomeserverURL, "is needed to use a token")
	e.Hint = "pass homeserverUrl to connect: the tokens of the first draft are posted to the homeserver"
	return e
}

// tryUpdate posts a verb as an update action.
func (c *Client) tryUpdate(now session.Now, p *pending) {
	row := p.verb.dialect.Info()
	if grants, known := c.Grants(); known && c.Status() == session.Ready && !grants.Has(row.Manage) {
		c.fail(now, p, capabilityError(row.Update, []string{row.Manage}))
		return
	}
	c.scratch = protocol.AppendText(c.scratch[:0], protocol.DataDelayID, p.verb.delayID)
	c.scratch = protocol.AppendName(c.scratch, protocol.DataAction, p.verb.verb.Update())
	note := session.Note{Num: p.verb.timeoutMs, A: int32(p.verb.verb) | p.verb.ticket<<2, B: p.noteOwner()}
	if p.owner > 0 {
		note.Num = float64(p.verb.doubts)
	}
	c.request(now, p, kindVerb, row.Update.Value(), note)
}

func (c *Client) verbAnswered(now session.Now, a *session.Answer) {
	err := a.Err
	if err == nil && protocol.Get(a.Message, protocol.Response).Kind != protocol.Opaque {
		err = about(a, protocol.BadResponse(protocol.Response, "must be an object"))
	}
	v := verb{verb: protocol.Verb(a.Note.A & 3), ticket: a.Note.A >> 2, timeoutMs: a.Note.Num, doubts: int32(a.Note.Num)}
	c.verbEnded(now, a.Call, a.Note.B, v, a.Posted, err)
}

// verbEnded settles a verb, of the page or of a keeper.
func (c *Client) verbEnded(now session.Now, call, owner int32, v verb, posted session.Now, err *protocol.Error) {
	if err != nil {
		err = verbError(err)
	}
	if owner > 0 && v.verb == protocol.Cancel {
		c.cancelEnded(now, v.ticket, err)
		return
	}
	if owner > 0 {
		if k := c.keeper(owner); k != nil {
			c.keptVerb(now, k, v, posted, err)
		}
		return
	}
	if k := c.keeper(-owner); k != nil {
		c.pageVerb(now, k, v, posted, err)
	}
	if err != nil {
		c.Fail(call, err)
	} else {
		c.verbDone(call, v.verb, posted.Wall, v.timeoutMs)
	}
}

// verbDone settles an acknowledged verb. The server restarted its timer at some
// moment after the post: its earliest end counts from the post.
func (c *Client) verbDone(call int32, v protocol.Verb, postedWall, timeoutMs float64) {
	switch {
	case v != protocol.Refresh:
		c.AddField(session.Settle, call, protocol.Ended, &protocol.Value{Kind: protocol.True})
	case timeoutMs > 0:
		c.AddField(session.Settle, call, protocol.ExpiresAt, &protocol.Value{Kind: protocol.Number, Num: postedWall + timeoutMs})
	default:
		c.Add(session.Settle, call)
	}
}

// verbError tells a future that is gone from a server that does not know the
// endpoint and from everything else.
func verbError(e *protocol.Error) *protocol.Error {
	switch {
	case e.Unrecognized():
		e.Code = protocol.CodeUnsupported
	case e.Spent():
		e.Code = protocol.CodeSpent
	}
	return e
}

// post is a token on its way to the homeserver.
type post struct {
	serial int32
	call   int32
	owner  int32
	verb   verb
	posted session.Now
	ms     float64
}

// maxPosts bounds the token requests under way.
const maxPosts = 256

func (c *Client) postToken(now session.Now, p *pending) {
	if len(c.posts) >= maxPosts {
		c.fail(now, p, protocol.NewError(protocol.CodeBusy, "too many calls are waiting"))
		return
	}
	ms := p.deadlineMs
	if ms == 0 {
		ms = c.cfg.Session.DeadlineMs
	}
	c.lastPost++
	c.posts = append(c.posts, &post{serial: c.lastPost, call: p.call, owner: p.noteOwner(), verb: p.verb, posted: now, ms: ms})
	c.AddField(session.HTTP, c.lastPost, protocol.URL, &protocol.Value{Kind: protocol.Text, Str: p.verb.url})
	c.WakeAt(now.Mono + ms)
}

// What HTTPDone is told where there is no status.
const (
	Unreachable = 0  // no answer at all
	Unreadable  = -1 // the server answers, but the page may not read it
)

// HTTPDone takes the end of a POST: the status, or why there is none, and the
// members of the answer.
func (c *Client) HTTPDone(now session.Now, serial int32, status int, body []protocol.Field) {
	for i, p := range c.posts {
		if p.serial != serial {
			continue
		}
		c.posts = without(c.posts, i)
		c.verbEnded(now, p.call, p.owner, p.verb, p.posted, httpError(status, body))
		break
	}
	c.advance(now)
}

// httpError makes the error of a POST; nil for a success.
func httpError(status int, body []protocol.Field) *protocol.Error {
	e := protocol.NewError(protocol.CodeHost, "the homeserver gave no answer that can be read")
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == Unreachable:
		e.Hint = "it is out of reach, or CSP's connect-src forbids it"
	case status < 0:
		e.Hint = "it is there, but its answer has no CORS headers, or it redirects"
	default:
		e = protocol.HTTPRefusal(status, body)
	}
	return e
}

func (c *Client) expirePosts(now session.Now) {
	for i := 0; i < len(c.posts); {
		p := c.posts[i]
		if due := p.posted.Mono + p.ms; due > now.Mono {
			c.WakeAt(due)
			i++
			continue
		}
		c.hangUp(i)
		c.verbEnded(now, p.call, p.owner, p.verb, p.posted, &protocol.Error{
			Code: protocol.CodeTimeout, Message: "the homeserver did not answer in time", DeadlineMs: p.ms,
		})
	}
}

// hangUp gives a POST up.
func (c *Client) hangUp(i int) {
	c.Add(session.Hangup, c.posts[i].serial)
	c.posts = without(c.posts, i)
}

func (c *Client) abortPost(call int32) bool {
	for i, p := range c.posts {
		if p.owner <= 0 && p.call == call {
			c.hangUp(i)
			return true
		}
	}
	return false
}
