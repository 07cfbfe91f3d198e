package literllm

import (
	"context"
	_ "embed"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/literllm/literllm/go-host/internal/engine"
)

// Version of this package.
const Version = "0.1.0"

// embedded is the core: the component that every host of this release embeds.
//
//go:embed literllm.wasm
var embedded []byte

// memoryBytes bounds an instance's linear memory. It grows only when it is used; one line of 16 MiB needs about 64 MiB.
const memoryBytes = 256 << 20

// Client is a client for language models. It may be used by many goroutines at once; its calls share connections and
// the policy's memory. A client that is no longer held is freed by the garbage collector.
//
// Calls run in the goroutine of their caller. When one returns, nothing of it is left running.
type Client struct {
	sandbox *sandbox
	lender  lender
	now     func() time.Time
	seed    func() uint64
}

// NewClient makes a client. Without options: the embedded core, keys from the environment, HTTP by [NewTransport].
//
// It fails when the configuration is not sound. The first one in a process compiles the core, which takes about a
// tenth of a second; see [WithCompileCache].
func NewClient(options ...ClientOption) (*Client, error) {
	o := clientOptions{
		keys:        EnvKeys,
		now:         time.Now,
		seed:        rand.Uint64,
		component:   embedded,
		memoryBytes: memoryBytes,
	}
	for _, option := range options {
		option(&o)
	}
	if o.configErr != nil {
		return nil, o.configErr
	}
	config, err := marshal(o.config.write)
	if err != nil {
		return nil, err
	}
	wanted := engine.Wanted{Component: o.component, MemoryBytes: o.memoryBytes, CacheDir: o.cacheDir}
	sandbox, table, err := newSandbox(config, wanted, o.restore)
	if err != nil {
		return nil, o.blame(err)
	}
	if o.transport == nil {
		o.transport = NewTransport()
	}
	lender := lender{transport: o.transport, keys: &keyring{o.given, o.keys}, egress: table}
	return &Client{sandbox: sandbox, lender: lender, now: o.now, seed: o.seed}, nil
}

// Infer asks one question of provider/model. The answer is streamed under the hood, so Tokens has its pieces.
func (c *Client) Infer(ctx context.Context, model, prompt string, options ...Option) (*Inference, error) {
	var tokens []string
	var answer *Answer
	for event, err := range c.Stream(ctx, model, prompt, options...) {
		if err != nil {
			return nil, err
		}
		if words, ok := wordsOf(event); ok {
			tokens = append(tokens, words)
		} else if last, ok := event.(*Answer); ok {
			answer = last
		}
	}
	return newInference(answer, tokens), nil
}

// Stream asks one question of provider/model and gives its events as they come. The last one is the [*Answer], which
// says all of it once more, folded. An error comes once and is the last item.
//
//	for event, err := range client.Stream(ctx, "openai/gpt-4o-mini", "A haiku, please.") {
//		if err != nil {
//			return err
//		}
//		switch event := event.(type) {
//		case *literllm.TextDeltaEvent:
//			fmt.Print(event.Text)
//		case *literllm.Answer:
//			fmt.Println(event.Usage())
//		}
//	}
//
// Nothing happens before the range begins, and each range over it is a call of its own. Leaving the loop ends the
// exchange (its connection is closed, or its HTTP/2 stream reset). The time the loop's body takes never counts as
// the provider's silence. For words alone, see [Texts].
func (c *Client) Stream(ctx context.Context, model, prompt string, options ...Option) iter.Seq2[Event, error] {
	return c.ChatStream(ctx, question(model, prompt), options...)
}

// Chat sends a request and waits for the whole answer.
func (c *Client) Chat(ctx context.Context, request Request, options ...Option) (*Answer, error) {
	request.Stream = nil
	return c.NewCall(ctx, request, options...).Wait()
}

// ChatStream sends a request and gives its events as they come, like [Client.Stream].
func (c *Client) ChatStream(ctx context.Context, request Request, options ...Option) iter.Seq2[Event, error] {
	request.Stream = Ptr(true)
	return func(yield func(Event, error) bool) {
		c.NewCall(ctx, request, options...).Events()(yield)
	}
}

// Texts are the words of the first choice, as they come, of a stream.
func Texts(events iter.Seq2[Event, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for event, err := range events {
			if err != nil {
				yield("", err)
				return
			}
			if words, ok := wordsOf(event); ok && !yield(words, nil) {
				return
			}
		}
	}
}

// wordsOf an event, if they belong to the text of the first choice.
func wordsOf(event Event) (string, bool) {
	switch event := event.(type) {
	case *TextDeltaEvent:
		return event.Text, event.Choice == 0
	case *PartEvent:
		text, ok := event.Content.(*TextPart)
		if ok && event.Choice == 0 {
			return text.Text, true
		}
	}
	return "", false
}

func question(model, prompt string) Request {
	return Request{Model: model, Messages: []Message{Text(RoleUser, prompt)}}
}

// Snapshot is the client's memory as plain JSON: what is left of its retry budget, circuits, resting keys. A client of
// the same configuration takes it up with [WithRestore], in another process too. It holds no key.
func (c *Client) Snapshot() ([]byte, error) {
	document, err := c.sandbox.memory()
	if err != nil {
		return nil, err
	}
	return kept{component: c.sandbox.module.SHA256, document: document}.marshal()
}

// Egress is where this client may send requests, and with which keys. Frozen when it was made.
func (c *Client) Egress() []EgressRow { return slices.Clone(c.lender.egress) }

// Component is the embedded core, the bytes of literllm.wasm; its sha256 is equal in every package of one release.
func Component() []byte { return slices.Clone(embedded) }

// String names the client's providers.
func (c *Client) String() string {
	var providers []string
	for _, row := range c.lender.egress {
		providers = append(providers, row.Provider)
	}
	return fmt.Sprintf("literllm.Client(%s)", strings.Join(providers, ", "))
}

// GoString is the same: %#v shows no insides.
func (c *Client) GoString() string { return c.String() }

// defaultClient is made when it is first asked for. A failure is not kept.
var defaultClient struct {
	sync.Mutex
	client *Client
}

// Default is the client of the functions of this package: all defaults, made when it is first needed.
func Default() (*Client, error) {
	defaultClient.Lock()
	defer defaultClient.Unlock()
	if defaultClient.client == nil {
		client, err := NewClient()
		if err != nil {
			return nil, err
		}
		defaultClient.client = client
	}
	return defaultClient.client, nil
}

// Infer is [Client.Infer] of the default client.
func Infer(ctx context.Context, model, prompt string, options ...Option) (*Inference, error) {
	client, err := Default()
	if err != nil {
		return nil, err
	}
	return client.Infer(ctx, model, prompt, options...)
}

// Chat is [Client.Chat] of the default client.
func Chat(ctx context.Context, request Request, options ...Option) (*Answer, error) {
	client, err := Default()
	if err != nil {
		return nil, err
	}
	return client.Chat(ctx, request, options...)
}

// Stream is [Client.Stream] of the default client.
func Stream(ctx context.Context, model, prompt string, options ...Option) iter.Seq2[Event, error] {
	return ChatStream(ctx, question(model, prompt), options...)
}

// ChatStream is [Client.ChatStream] of the default client.
func ChatStream(ctx context.Context, request Request, options ...Option) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		client, err := Default()
		if err != nil {
			yield(nil, err)
			return
		}
		client.ChatStream(ctx, request, options...)(yield)
	}
}
