package future

import (
	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// verb is a verb on a future that the page holds. Nothing about a future is
// kept here between calls: its state is the homeserver's.
type verb struct {
	verb      protocol.Verb
	dialect   protocol.Dialect
	delayID   string
	url       string // of a token verb
	timeoutMs float64
}

// readVerb reads the future that the page holds and finds the way of the verb.
func (c *Client) readVerb(v protocol.Verb, args []protocol.Field) (verb, *protocol.Error) {
	out := verb{verb: v}
	if protocol.Get(args, protocol.Ended).Kind == protocol.True {
		return out, &protocol.Error{Code: protocol.CodeSpent, Message: "the future is gone: it was sent or cancelled"}
	}
	dialect, ok := protocol.ParseDialect(protocol.Get(args, protocol.DialectName).Str)
	if !ok || dialect == protocol.Auto || dialect == protocol.None {
		return out, protocol.Invalid(protocol.DialectName, "must be one in which a future can be asked for")
	}
	out.dialect = dialect
	if ms := protocol.Get(args, protocol.TimeoutMs); ms.Kind == protocol.Number {
		out.timeoutMs = ms.Num
	}
	if !dialect.Tokens() {
		id := protocol.Get(args, protocol.DelayID)
		if id.Kind != protocol.Text || id.Str == "" {
			// An empty id is the probe's; it must never be a verb's.
			return out, protocol.Invalid(protocol.DelayID, "must be a non-empty string")
		}
		out.delayID = id.Str
		return out, nil
	}
	token := protocol.Get(args, v.Token())
	switch {
	case token.Kind == protocol.Absent:
		if v == protocol.Refresh && out.timeoutMs == 0 {
			return out, protocol.Unsupported("an action future cannot be refreshed: it has no timer")
		}
		return out, protocol.Unsupported(v.Token().String() + ": the host gave this future no such token")
	case token.Kind != protocol.Text || token.Str == "":
		return out, protocol.Invalid(v.Token(), "must be a non-empty string")
	case c.cfg.HomeserverURL == "":
		e := protocol.Invalid(protocol.HomeserverURL, "is needed to use a token")
		e.Hint = "pass homeserverUrl to connect: the tokens of the first draft are posted to the homeserver"
		return out, e
	}
	path := c.cfg.TokenPath
	if path == "" {
		path = dialect.Info().TokenPath
	}
	if out.url = protocol.TokenURL(c.cfg.HomeserverURL, path, token.Str); out.url == "" {
		return out, protocol.Invalid(v.Token(), "cannot be part of a path")
	}
	return out, nil
}

// tryUpdate posts a verb as an update action.
func (c *Client) tryUpdate(now session.Now, p *pending) {
	row := p.verb.dialect.Info()
	if grants, known := c.Grants(); known && c.Status() == session.Ready && !grants.Has(row.Manage) {
		c.Fail(p.call, capabilityError(row.Update, []string{row.Manage}))
		return
	}
	c.scratch = protocol.AppendText(c.scratch[:0], protocol.DataDelayID, p.verb.delayID)
	c.scratch = protocol.AppendName(c.scratch, protocol.DataAction, p.verb.verb.Update())
	c.request(now, p, kindVerb, row.Update.Value(),
		session.Note{Num: p.verb.timeoutMs, A: int32(p.verb.verb)})
}

func (c *Client) verbAnswered(a *session.Answer) {
	switch {
	case a.Err != nil:
		c.Fail(a.Call, verbError(a.Err))
	case protocol.Get(a.Message, protocol.Response).Kind != protocol.Opaque:
		c.Fail(a.Call, about(a, protocol.BadResponse(protocol.Response, "must be an object")))
	default:
		c.verbDone(a.Call, protocol.Verb(a.Note.A), a.Posted.Wall, a.Note.Num)
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
	verb   verb
	posted session.Now
	ms     float64
}

// maxPosts bounds the token requests under way.
const maxPosts = 256

func (c *Client) postToken(now session.Now, p *pending) {
	if len(c.posts) >= maxPosts {
		c.Fail(p.call, &protocol.Error{Code: protocol.CodeBusy, Message: "too many calls are waiting"})
		return
	}
	ms := p.deadlineMs
	if ms == 0 {
		ms = c.cfg.Session.DeadlineMs
	}
	c.lastPost++
	c.posts = append(c.posts, post{serial: c.lastPost, call: p.call, verb: p.verb, posted: now, ms: ms})
	c.AddField(session.HTTP, c.lastPost, protocol.URL, &protocol.Value{Kind: protocol.Text, Str: p.verb.url})
	c.WakeAt(now.Mono + ms)
}

// HTTPDone takes the end of a POST: the status, or 0 when there was no answer
// that the page could read, and the members of the answer.
func (c *Client) HTTPDone(now session.Now, serial int32, status int, body []protocol.Field) {
	for i, p := range c.posts {
		if p.serial != serial {
			continue
		}
		c.posts = append(c.posts[:i], c.posts[i+1:]...)
		switch {
		case status >= 200 && status < 300:
			c.verbDone(p.call, p.verb.verb, p.posted.Wall, p.verb.timeoutMs)
		case status == 0:
			c.Fail(p.call, &protocol.Error{
				Code: protocol.CodeHost, Message: "the homeserver gave no answer that can be read",
				Hint: "it is out of reach, its answer has no CORS headers, or it redirects",
			})
		default:
			c.Fail(p.call, verbError(protocol.HTTPRefusal(status, body)))
		}
		break
	}
	c.advance(now)
}

func (c *Client) expirePosts(now session.Now) {
	kept := c.posts[:0]
	for _, p := range c.posts {
		if due := p.posted.Mono + p.ms; due > now.Mono {
			kept = append(kept, p)
			c.WakeAt(due)
			continue
		}
		c.Add(session.Hangup, p.serial)
		c.Fail(p.call, &protocol.Error{
			Code: protocol.CodeTimeout, Message: "the homeserver did not answer in time", DeadlineMs: p.ms,
		})
	}
	c.posts = kept
}

func (c *Client) abortPost(call int32) bool {
	for i, p := range c.posts {
		if p.call == call {
			c.Add(session.Hangup, p.serial)
			c.posts = append(c.posts[:i], c.posts[i+1:]...)
			return true
		}
	}
	return false
}
