package main

import (
	"strconv"

	"github.com/widget-futures/widget-futures/protocol"
)

// sides are the paths of each side that the border reads.
var sides = func() (all [protocol.Sides][]protocol.Path) {
	for path, row := range protocol.Paths() {
		if row.Mode != protocol.Written {
			all[row.Side] = append(all[row.Side], protocol.Path(path))
		}
	}
	return all
}()

// fields appends a few of a side, each with a value that the border may hand
// over there. call owns the contents.
func (b *babbler) fields(m []protocol.Field, side protocol.Side, call int32) []protocol.Field {
	for range 1 + b.IntN(5) {
		path := sides[side][b.IntN(len(sides[side]))]
		m = b.value(m, path, protocol.Paths()[path].Mode, call)
	}
	return m
}

// value appends one value.
func (b *babbler) value(m []protocol.Field, path protocol.Path, mode protocol.Mode, call int32) []protocol.Field {
	if mode == protocol.Seen {
		return append(m, protocol.Bool(true).At(path))
	}
	switch n := b.IntN(20); {
	case n == 0:
		return append(m, protocol.Value{Kind: protocol.Null}.At(path))
	case n < 3:
		return append(m, protocol.Bool(n == 1).At(path))
	case n < 8:
		return append(m, protocol.Num(pick(b, numbers...)).At(path))
	case n < 11:
		if mode != protocol.Listed {
			return append(m, b.kept(protocol.Opaque, mode, call).At(path))
		}
		m = append(m, protocol.Value{Kind: protocol.List, ID: int32(n - 8)}.At(path))
		for range n - 8 {
			m = append(m, b.text(path, protocol.Single, call).At(path))
		}
		return m
	}
	return append(m, b.text(path, mode, call).At(path))
}

// text is what becomes of a string.
func (b *babbler) text(path protocol.Path, mode protocol.Mode, call int32) protocol.Value {
	word := b.word()
	switch {
	case word == "":
		return protocol.Str("")
	case mode == protocol.Recurring:
		return recurring(word)
	case mode == protocol.Numbered && len(b.posts) > 0 && b.IntN(2) == 0:
		return protocol.Value{Kind: protocol.Serial, ID: b.posts[b.IntN(len(b.posts))].serial}
	case mode == protocol.Single, mode == protocol.Listed, mode == protocol.Watched && b.IntN(2) == 0:
		return protocol.Str(word)
	}
	return b.kept(protocol.Kept, mode, call)
}

// kept is a value that stays in the page.
func (b *babbler) kept(kind protocol.Kind, mode protocol.Mode, call int32) protocol.Value {
	id := int32(1 + b.IntN(9))
	switch {
	case call != 0 && mode == protocol.Branch:
		id = -2 * call
	case call != 0 && mode == protocol.Second:
		id = -2*call - 1
	}
	return protocol.Value{Kind: kind, ID: id}
}

// recurring is a text that has a number: which one is the shim's to say.
func recurring(word string) protocol.Value {
	if word == "" {
		return protocol.Str("")
	}
	return protocol.Value{Kind: protocol.Text, ID: 1, Str: word}
}

// word is a text: a known one, one with more than ASCII to it, or a new one.
func (b *babbler) word() string {
	switch b.IntN(8) {
	case 0:
		return strconv.Itoa(b.IntN(1 << 20))
	case 1, 2:
		return protocol.Names()[b.IntN(len(protocol.Names()))]
	}
	return pick(b, "", "t", "a", "w1", "!r:example.org", "@u:example.org", "$e", "syd_1", "..", "é€😀", "\ufffd\x00", "M_NOT_FOUND",
		"M_LIMIT_EXCEEDED", "M_MAX_DELAY_EXCEEDED", "17", "1e3", "-5", "99999999999999999999", "f", "b", "m.rtc.member", "*", "allowed",
		"request", "delayed", "futures", "https://matrix.to/#/x", "/a/{token}")
}
