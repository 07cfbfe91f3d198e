package literllm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// userAgent is said to every provider; some gateways refuse requests that name no agent. A header of the request wins.
const userAgent = "literllm/" + Version

const (
	// idleConnections are kept per provider. net/http keeps two by default, and opens the others anew for every call.
	idleConnections = 100
	// idleTimeout is how long they are kept: what net/http's own default transport has.
	idleTimeout = 90 * time.Second
	// pingEvery asks an HTTP/2 connection for a sign of life while a call waits on it. Without it a connection that died
	// without a word (a NAT entry that expired) would be given to one call after the other. Well below the 60 s after
	// which common load balancers forget a connection.
	pingEvery = 30 * time.Second
)

// NewTransport is the usual transport: connections are kept and shared, HTTP/2 where the server offers it, gzip is
// decoded, the proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured (never for loopback addresses).
//
// It is made anew so that you can change it and give it to [WithTransport].
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     idleTimeout,
		// All that lies ready is then read at once.
		ReadBufferSize: joinedBytes,
		HTTP2:          &http.HTTP2Config{SendPingTimeout: pingEvery, PingTimeout: pingEvery},
	}
}

var errConnectTimeout = errors.New("no connection within the connect timeout")

// exchange is one HTTP request on its way.
//
// net/http does less here than it can: a RoundTripper follows no redirect, no deadline of its own applies, and
// nothing is repeated that may have left this host. The core decides about all of these.
type exchange struct {
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	reached Reached
	// The transport said that it looks for a connection, so it will also say when it has one.
	traced bool
}

// begin sends a request and waits for its head.
func (x *exchange) begin(ctx context.Context, transport http.RoundTripper, request *HTTPRequest, body *body) (*http.Response, error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { x.connecting() },
		GotConn: func(httptrace.GotConnInfo) { x.reach(ReachedConnected) },
		// Written, but perhaps still in a buffer.
		WroteHeaders: func() { x.reach(ReachedPartlySent) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				x.reach(ReachedSent)
			}
		},
	})
	x.reached = ReachedUnknown
	if _, ours := transport.(*http.Transport); ours {
		// It tells of every step, so silence means that nothing happened.
		x.reached = ReachedNotConnected
	}
	httpRequest, err := http.NewRequestWithContext(ctx, request.Method, request.URL, http.NoBody)
	if err != nil {
		return nil, errors.New("the URL or method of this request is not valid HTTP")
	}
	if body.length > 0 {
		httpRequest.Body, httpRequest.ContentLength = body.open(), body.length
		httpRequest.GetBody = func() (io.ReadCloser, error) { return body.open(), nil }
	}
	httpRequest.Header["User-Agent"] = []string{userAgent}
	for _, header := range request.Headers {
		value, ok := latin1(header.Value)
		if !ok {
			return nil, fmt.Errorf("the header %q is not valid HTTP", header.Name)
		}
		if header.Name == "user-agent" {
			httpRequest.Header.Del(header.Name)
		}
		if strings.HasSuffix(header.Name, "idempotency-key") {
			// With this header net/http repeats what it may have sent already, if it can have the body again.
			httpRequest.GetBody = nil
		}
		httpRequest.Header.Add(header.Name, value)
	}
	return transport.RoundTrip(httpRequest)
}

func (x *exchange) connecting() {
	x.mu.Lock()
	defer x.mu.Unlock()
	// Again: the connection of before was dead, and nothing was sent on it.
	x.reached, x.traced = ReachedNotConnected, true
}

func (x *exchange) reach(reached Reached) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.reached = reached
}

// giveUpConnecting ends the exchange if there is no connection yet.
func (x *exchange) giveUpConnecting() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.traced && x.reached == ReachedNotConnected {
		x.cancel(errConnectTimeout)
	}
}

// failure is what went wrong, in the contract's words.
func (x *exchange) failure(ctx context.Context, err error) *TransportFailure {
	x.mu.Lock()
	defer x.mu.Unlock()
	if context.Cause(ctx) == errConnectTimeout {
		return notSent(FailureKindConnectTimeout, errConnectTimeout.Error())
	}
	return &TransportFailure{Kind: failureKind(err, x.reached), Reached: x.reached, Message: err.Error()}
}

// headOf is the head in the core's words. The headers are sorted by name, since net/http does not tell their order.
func headOf(response *http.Response) *ResponseHead {
	head := &ResponseHead{Status: uint16(response.StatusCode), Headers: make([]Header, 0, len(response.Header))}
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		for _, value := range response.Header[name] {
			head.Headers = append(head.Headers, Header{Name: strings.ToLower(name), Value: fromLatin1(value)})
		}
	}
	return head
}

// latin1 makes bytes of characters, where there are no others.
func latin1(text string) (string, bool) {
	if isASCII(text) {
		return text, true
	}
	bytes := make([]byte, 0, len(text))
	for _, char := range text {
		if char > 0xff {
			return "", false
		}
		bytes = append(bytes, byte(char))
	}
	return string(bytes), true
}

func fromLatin1(bytes string) string {
	if isASCII(bytes) {
		return bytes
	}
	text := make([]byte, 0, 2*len(bytes))
	for i := range len(bytes) {
		text = utf8.AppendRune(text, rune(bytes[i]))
	}
	return string(text)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
