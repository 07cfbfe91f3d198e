package literllm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAPlainChatIsAnswered(t *testing.T) {
	m := newMock(t)
	answer, err := m.client().Chat(t.Context(), textRequest("Hi"), WithMaxOutputTokens(5000))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Text() == "" || answer.Finish().Unified != FinishReasonStop || *answer.Usage().OutputTokens == 0 {
		t.Errorf("%+v", answer)
	}
	if len(answer.Report.Attempts) != 1 || *answer.Report.Attempts[0].Status != 200 {
		t.Errorf("%+v", answer.Report)
	}
	noGoroutines(t)
}

func TestAStreamSaysTheSameAsAPlainAnswerAndInferHasItsPieces(t *testing.T) {
	m := newMock(t)
	client := m.client()
	plain, err := client.Chat(t.Context(), textRequest("Hi"))
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	var events []Event
	for event, err := range client.ChatStream(t.Context(), textRequest("Hi")) {
		if err != nil {
			t.Fatal(err)
		}
		if delta, ok := event.(*TextDeltaEvent); ok {
			told.WriteString(delta.Text)
		}
		events = append(events, event)
	}
	answer, ok := events[len(events)-1].(*Answer)
	if _, starts := events[0].(*StartEvent); !ok || !starts {
		t.Fatalf("%T ... %T", events[0], events[len(events)-1])
	}
	inference, err := client.Infer(t.Context(), "openai/mock-small", "Hi")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{told.String(), answer.Text(), inference.Text, strings.Join(inference.Tokens, "")} {
		if text != plain.Text() {
			t.Errorf("%q is not %q", text, plain.Text())
		}
	}
	if len(inference.Tokens) < 10 || *inference.Usage.OutputTokens == 0 || inference.Finish.Unified != FinishReasonStop {
		t.Errorf("%+v", inference)
	}
	var words strings.Builder
	for word, err := range Texts(client.Stream(t.Context(), "openai/mock-small", "Hi")) {
		if err != nil {
			t.Fatal(err)
		}
		words.WriteString(word)
	}
	if words.String() != plain.Text() {
		t.Errorf("%q", words.String())
	}
}

func TestCharactersThatAreCutAreWhole(t *testing.T) {
	m := newMock(t)
	prompt := []Message{
		Text(RoleUser, "Say it"),
		{Role: RoleAssistant, Content: []Part{&ToolCallPart{ID: "a", Name: "echo", Arguments: "{}"}}},
		{Role: RoleTool, Content: []Part{&ToolResultPart{ToolCallID: "a", Content: []ToolResultContent{&TextContent{Text: "Grüße 👋🏽 漢字"}}}}},
	}
	inference, err := m.client().Infer(t.Context(), "openai/mock-small", "", func(c *chat) { c.request.Messages = prompt }, fault("one-byte"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(inference.Text, "Grüße 👋🏽 漢字") {
		t.Errorf("%q", inference.Text)
	}
}

func TestWhatGoesWrongBeforeTheHeadIsTriedAgain(t *testing.T) {
	for _, plan := range []string{"reset-before-head,ok", "close-before-head,ok", "status=503,ok", "status=429;retry_after_ms=1,ok"} {
		t.Run(plan, func(t *testing.T) {
			m := newMock(t, "--plan", plan)
			var notices int
			var answer *Answer
			for event, err := range m.client().ChatStream(t.Context(), textRequest("Hi"), WithPolicy(Policy{MaxAttempts: Ptr[uint32](2)})) {
				if err != nil {
					t.Fatal(err)
				}
				switch event := event.(type) {
				case *NoticeEvent:
					notices++
				case *Answer:
					answer = event
				}
			}
			if notices != 1 || len(answer.Report.Attempts) != 2 || m.stats().Requests != 2 {
				t.Errorf("%d notices, %+v, %+v", notices, answer.Report, m.stats())
			}
		})
	}
}

func TestEveryFailureHasItsKind(t *testing.T) {
	m := newMock(t)
	// So many failures one after another would open the circuit.
	client := m.client(WithGuards(Guards{BreakerFailures: Ptr[uint32](0)}))
	once := WithPolicy(Policy{MaxAttempts: Ptr[uint32](1)})
	for _, test := range []struct {
		fault  string
		kind   ErrorKind
		spoken bool
	}{
		{"status=401", ErrorKindAuthentication, false},
		{"status=403", ErrorKindPermission, false},
		{"status=404", ErrorKindNotFound, false},
		{"status=429", ErrorKindRateLimit, false},
		{"status=500", ErrorKindServer, false},
		{"reset-before-head", ErrorKindConnection, false},
		{"reset-after-head", ErrorKindConnection, false},
		{"cut", ErrorKindCut, true},
		{"reset-mid-stream;after=9", ErrorKindCut, true},
		{"abort-mid-stream;after=9", ErrorKindCut, true},
		{"error-in-200;after=9", ErrorKindServer, true},
		{"html", ErrorKindProtocol, false},
		{"redirect", ErrorKindRedirect, false},
	} {
		_, err := client.Infer(t.Context(), "openai/mock-small", "Hi", fault(test.fault), once)
		var failed *Error
		if !errors.As(err, &failed) {
			t.Errorf("%s: %v", test.fault, err)
			continue
		}
		if failed.Kind != test.kind && !(test.fault == "reset-after-head" && failed.Kind == ErrorKindCut) {
			t.Errorf("%s: kind %s: %v", test.fault, failed.Kind, err)
		}
		if !errors.Is(err, failed.Kind) || errors.Is(err, ErrorKindInternal) || errors.Is(err, context.Canceled) {
			t.Errorf("%s: errors.Is", test.fault)
		}
		if (failed.TextSoFar() != "") != test.spoken || failed.Report == nil {
			t.Errorf("%s: text so far %q, report %v", test.fault, failed.TextSoFar(), failed.Report)
		}
	}
	noGoroutines(t)
}

func TestAnIdleProviderIsATimeout(t *testing.T) {
	m := newMock(t)
	policy := Policy{MaxAttempts: Ptr[uint32](1), IdleTimeoutMs: Ptr[uint64](30)}
	for _, silence := range []string{"stall", "slow-head;delay_ms=60000", "slow-first-token;delay_ms=60000"} {
		_, err := m.client().Infer(t.Context(), "openai/mock-small", "Hi", fault(silence), WithPolicy(policy))
		if !errors.Is(err, ErrorKindTimeout) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", silence, err)
		}
	}
	m.until("all are gone", func(s stats) bool { return s.InFlight == 0 && s.AbortedByClient == 3 })
	noGoroutines(t)
}

func TestACancelledContextEndsTheCall(t *testing.T) {
	m := newMock(t)
	why := errors.New("the user closed the window")
	ctx, cancelCause := context.WithCancelCause(t.Context())
	cancel := func() { cancelCause(why) }
	defer cancel()
	var failure error
	for event, err := range m.client().ChatStream(ctx, textRequest("Hi"), fault("stall")) {
		if _, ok := event.(*TextDeltaEvent); ok {
			cancel()
		}
		failure = err
	}
	var failed *Error
	if !errors.Is(failure, context.Canceled) || !errors.Is(failure, why) || !errors.Is(failure, ErrorKindCancelled) || !errors.As(failure, &failed) || failed.TextSoFar() == "" {
		t.Errorf("%v", failure)
	}
	m.until("it is gone", func(s stats) bool { return s.InFlight == 0 && s.AbortedByClient == 1 })
	noGoroutines(t)
}

func TestADeadlineOfTheContextIsTold(t *testing.T) {
	m := newMock(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := m.client().Chat(ctx, textRequest("Hi"), fault("slow-head;delay_ms=60000"))
	failed := asError(t, err)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrorKindTimeout) || *failed.Deadline != DeadlineCaller {
		t.Errorf("%v", err)
	}
	m.until("it is gone", func(s stats) bool { return s.InFlight == 0 })
	noGoroutines(t)
}

func TestAContextThatHasEndedSendsNothing(t *testing.T) {
	m := newMock(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := m.client().Chat(ctx, textRequest("Hi"))
	if !errors.Is(err, context.Canceled) || m.stats().Requests != 0 {
		t.Errorf("%v, %+v", err, m.stats())
	}
}

func TestLeavingTheLoopEndsTheExchange(t *testing.T) {
	m := newMock(t)
	for event, err := range m.client().ChatStream(t.Context(), textRequest("Hi"), fault("stall")) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := event.(*TextDeltaEvent); ok {
			break
		}
	}
	noGoroutines(t)
	m.until("it is gone", func(s stats) bool { return s.InFlight == 0 && s.AbortedByClient == 1 })
}

func TestAPanicOfTheReaderEndsTheExchange(t *testing.T) {
	m := newMock(t)
	func() {
		defer func() { _ = recover() }()
		for range m.client().ChatStream(t.Context(), textRequest("Hi"), fault("stall")) {
			panic("the reader's own")
		}
	}()
	noGoroutines(t)
	m.until("it is gone", func(s stats) bool { return s.InFlight == 0 && s.AbortedByClient == 1 })
}

func TestConnectionsAreKept(t *testing.T) {
	m := newMock(t)
	client := m.client()
	for range 20 {
		if _, err := client.Infer(t.Context(), "openai/mock-small", "Hi"); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Chat(t.Context(), textRequest("Hi")); err != nil {
			t.Fatal(err)
		}
	}
	// One of ours, one of the question itself.
	if connections := m.stats().Connections; connections > 2 {
		t.Errorf("%d connections", connections)
	}
}

func TestAKeyIsNeverShown(t *testing.T) {
	// The other provider repeats the key in header and body, as some do.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		w.Header().Set("x-request-id", key)
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s","code":"invalid_api_key"}}`, key)
	}))
	defer server.Close()
	client, err := NewClient(WithBaseURL("openai", server.URL), WithKey("openai", testKey), WithKeyEnv("openai", "LITERLLM_TEST_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Chat(t.Context(), textRequest("Hi"))
	var failed *Error
	if !errors.As(err, &failed) || failed.Kind != ErrorKindAuthentication {
		t.Fatal(err)
	}
	if !strings.Contains(*failed.Raw, "***") {
		t.Errorf("the echo is not there: %s", *failed.Raw)
	}
	written, _ := json.Marshal(failed)
	for _, words := range []string{
		err.Error(), string(written), fmt.Sprintf("%v %+v %#v", failed.ErrorDetail, *failed, failed),
		fmt.Sprintf("%v %+v %#v %s", client, client, client, client), *failed.Raw, *failed.RequestID,
	} {
		if strings.Contains(words, testKey) {
			t.Errorf("a key is shown: %s", words)
		}
	}
}

func TestAtAnAddressOfTheCallersOwnNoKeyIsSentUnasked(t *testing.T) {
	headers := make(chan http.Header, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	given := []ClientOption{WithBaseURL("openai", server.URL), WithKey("openai", testKey)}
	for _, asked := range []bool{false, true} {
		options := given
		if asked {
			options = append(options, WithKeyEnv("openai", "LITERLLM_TEST_KEY"))
		}
		client, err := NewClient(options...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Chat(t.Context(), textRequest("Hi")); errors.Is(err, ErrorKindAuthentication) {
			t.Fatalf("nothing was sent: %v", err)
		}
		if sent := strings.Contains(fmt.Sprint(<-headers), testKey); sent != asked {
			t.Errorf("the key was sent: %v, asked for: %v", sent, asked)
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var followed bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer other.Close()
	m := newMock(t)
	_, err := m.client().Chat(t.Context(), textRequest("Hi"), fault("redirect="+other.URL+"/"))
	if !errors.Is(err, ErrorKindRedirect) || followed {
		t.Errorf("%v, followed %v", err, followed)
	}
}

func TestWhatIsNotUnicodeIsRefusedWithItsPlace(t *testing.T) {
	m := newMock(t)
	client := m.client()
	bad := "a\xffb"
	for place, call := range map[string]func() error{
		"messages[0].content[0].text": func() error { _, err := client.Infer(t.Context(), "openai/mock-small", bad); return err },
		"model":                       func() error { _, err := client.Infer(t.Context(), bad, "Hi"); return err },
		"messages[1].content[1].source.url": func() error {
			_, err := client.Infer(t.Context(), "openai/mock-small", "Hi", WithSystem("Be brief"), WithImageURL(bad))
			return err
		},
		"stop[1]": func() error {
			_, err := client.Infer(t.Context(), "openai/mock-small", "Hi", WithStop("fine", bad))
			return err
		},
		"temperature": func() error {
			_, err := client.Infer(t.Context(), "openai/mock-small", "Hi", WithTemperature(nan()))
			return err
		},
		"messages[0].content[1]": func() error {
			_, err := client.Infer(t.Context(), "openai/mock-small", "Hi", func(c *chat) { c.add(nil) })
			return err
		},
		"messages[0].content[1] ": func() error {
			_, err := client.Infer(t.Context(), "openai/mock-small", "Hi", func(c *chat) { c.add((*TextPart)(nil)) })
			return err
		},
		"providers[0].base_url": func() error { _, err := NewClient(WithBaseURL("openai", bad)); return err },
	} {
		err := call()
		if !errors.Is(err, ErrorKindInvalidRequest) || !strings.Contains(err.Error(), strings.TrimSpace(place)+" ") {
			t.Errorf("%s: %v", place, err)
		}
	}
	if requests := m.stats().Requests; requests != 0 {
		t.Errorf("%d requests were sent", requests)
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

func TestBlobsAreJoinedOutsideTheSandbox(t *testing.T) {
	bodies := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	client, err := NewClient(WithBaseURL("openai", server.URL), WithKey("openai", testKey), WithKeyEnv("openai", "LITERLLM_TEST_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	picture := make([]byte, 100_000)
	_, err = client.Chat(t.Context(), textRequest("What is it?"), WithImage(picture, "image/png"))
	if err == nil || !json.Valid(<-bodies) {
		t.Error(err)
	}
	_, err = client.Chat(t.Context(), textRequest("Hi"), func(c *chat) {
		c.add(&ImagePart{MediaPart{Source: &BlobSource{ID: "cat", Length: 4}, MediaType: Ptr("image/png")}})
	})
	if !errors.Is(err, ErrorKindInvalidRequest) || !strings.Contains(err.Error(), "cat") {
		t.Errorf("a blob that is not there: %v", err)
	}
}

func TestRequestsOfTheCallerAreLeftAsTheyAre(t *testing.T) {
	m := newMock(t)
	request := textRequest("Hi")
	request.Stop = append(make([]string, 0, 4), "never said")
	written, _ := json.Marshal(request)
	_, err := m.client().Chat(t.Context(), request, WithStop("nor this"), WithSystem("Be brief"), WithMessages(Text(RoleUser, "Before")), WithUser("me"))
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(request); string(again) != string(written) || request.Stop[:2][1] != "" {
		t.Errorf("%s became %s", written, again)
	}
}

func TestTypesGoToJSONAndBack(t *testing.T) {
	text := `{"model":"openai/x","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"text":"é\u00e9\ud83d\ude00\n","type":"text"}]}],"seed":-3,"temperature":0.7,"tool_choice":{"type":"auto"}}`
	var request Request
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		t.Fatal(err)
	}
	if got := request.Messages[1].Content[0].(*TextPart).Text; got != "éé😀\n" {
		t.Errorf("%q", got)
	}
	if _, ok := request.ToolChoice.(*AutoChoice); !ok || *request.Seed != -3 || *request.Temperature != 0.7 {
		t.Errorf("%+v", request)
	}
	written, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var again Request
	if err := json.Unmarshal(written, &again); err != nil {
		t.Fatal(err)
	}
	if second, _ := json.Marshal(again); string(second) != string(written) {
		t.Errorf("%s became %s", written, second)
	}
	for _, wrong := range []string{
		`{"model":"x","mesages":[]}`, `{"model":3}`, `{"messages":[{"role":"user","content":[{"type":"smell"}]}]}`,
		`{"model":"\ud83d"}`, `{"n":-1}`, `{"n":4294967296}`, `[]`,
	} {
		if err := json.Unmarshal([]byte(wrong), &request); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}

func TestNoTwoCallsMeet(t *testing.T) {
	m := newMock(t)
	client := m.client()
	want, err := client.Chat(t.Context(), textRequest("Hi"))
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 50)
	for range cap(results) {
		go func() {
			inference, err := client.Infer(t.Context(), "openai/mock-small", "Hi")
			if err == nil && inference.Text != want.Text() {
				err = fmt.Errorf("%q", inference.Text)
			}
			results <- err
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	noGoroutines(t)
}

func TestTheTableTellsWhereRequestsMayGo(t *testing.T) {
	client, err := NewClient(WithBaseURL("mine", "https://llm.example.com/v1"), WithKeyEnv("mine", "MY_KEY"))
	if err != nil {
		t.Fatal(err)
	}
	rows := client.Egress()
	at := slices.IndexFunc(rows, func(row EgressRow) bool { return row.Provider == "mine" })
	if at < 0 || rows[at].Origins[0] != "https://llm.example.com" || rows[at].KeyEnv[0] != "MY_KEY" {
		t.Errorf("%+v", rows)
	}
}
