package homeserver

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// Listener has http.Server answer in the form of Matrix, and with CORS headers, also what it refuses before any handler: a path with a
// percent sign that escapes nothing, headers that are too large, what is no HTTP at all. Otherwise that is plain text whose end is the
// connection's, and that end is often an error, since the client still sends.
func Listener(listener net.Listener) net.Listener { return matrixListener{listener} }

type matrixListener struct{ net.Listener }

func (l matrixListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &matrixConn{Conn: conn}, nil
}

// matrixConn replaces net/http's own refusals, which are written at once and look alike.
type matrixConn struct{ net.Conn }

var ownHeaders = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

func (c *matrixConn) Write(answer []byte) (int, error) {
	statusLine, text, found := bytes.Cut(answer, ownHeaders)
	if !found || bytes.Contains(statusLine, []byte("\n")) {
		return c.Conn.Write(answer)
	}
	if _, err := c.Conn.Write(inMatrixForm(statusLine, text)); err != nil {
		return 0, err
	}
	return len(answer), nil
}

func inMatrixForm(statusLine, text []byte) []byte {
	code := codeUnknown
	if bytes.Contains(statusLine, []byte(" 431 ")) {
		code = codeTooLarge
	}
	body := encode(map[string]any{"errcode": code, "error": string(text)})
	header := http.Header{"Content-Type": {"application/json"}, "Connection": {"close"}, "Content-Length": {strconv.Itoa(len(body))}}
	allowEveryOrigin(header)
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\r\n", statusLine)
	header.Write(&out) // to a buffer: never fails
	fmt.Fprintf(&out, "\r\n%s", body)
	return out.Bytes()
}

// CloseWrite is what net/http looks for to end a connection in peace.
func (c *matrixConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
