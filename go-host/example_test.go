package literllm_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/literllm/literllm/go-host"
)

func ExampleInfer() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	inference, err := literllm.Infer(ctx, "openai/gpt-4o-mini", "What is the capital of Peru?")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(inference.Text, *inference.Usage.OutputTokens)
}

func ExampleClient_Stream() {
	client, err := literllm.NewClient(literllm.WithBaseURL("openai", "https://llm.example.com/v1"), literllm.WithKeyEnv("openai", "EXAMPLE_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range client.Stream(context.Background(), "openai/gpt-4o-mini", "A haiku.", literllm.WithTemperature(0.2)) {
		if err != nil {
			log.Fatal(err)
		}
		switch event := event.(type) {
		case *literllm.TextDeltaEvent:
			fmt.Print(event.Text)
		case *literllm.Answer:
			fmt.Println(event.Finish().Unified)
		}
	}
}

func ExampleError() {
	_, err := literllm.Infer(context.Background(), "openai/gpt-4o-mini", "Hello")
	var failed *literllm.Error
	switch {
	case errors.Is(err, literllm.ErrorKindRateLimit) && errors.As(err, &failed) && failed.RetryAfterMs != nil:
		fmt.Println("a pause of", *failed.RetryAfterMs, "ms helps")
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Println("we waited no longer")
	case errors.As(err, &failed):
		fmt.Println(failed.Kind, failed.Message, failed.TextSoFar())
	}
}

func ExampleClient_NewCall() {
	client, err := literllm.Default()
	if err != nil {
		log.Fatal(err)
	}
	ctx, file := context.Background(), "call.json"
	request := literllm.Request{
		Model:    "openai/gpt-4o-mini",
		Messages: []literllm.Message{literllm.Text(literllm.RoleUser, "A long story, please.")},
	}
	save := literllm.WithSnapshots(func(snapshot []byte) {
		if err := os.WriteFile(file, snapshot, 0o600); err != nil {
			log.Fatal(err)
		}
	})
	call := client.NewCall(ctx, request, save)
	// What an earlier process left behind goes first.
	if snapshot, err := os.ReadFile(file); err == nil {
		if call, err = client.Resume(ctx, snapshot, save); err != nil {
			log.Fatal(err)
		}
	}
	answer, err := call.Wait()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Text())
	if err := os.Remove(file); err != nil {
		log.Fatal(err)
	}
}

func ExampleClient_Chat() {
	client, err := literllm.Default()
	if err != nil {
		log.Fatal(err)
	}
	request := literllm.Request{
		Model:    "openai/gpt-4o-mini",
		Messages: []literllm.Message{literllm.Text(literllm.RoleUser, "What is the weather in Lima?")},
		Tools: []literllm.Tool{&literllm.FunctionTool{
			Name:       "weather",
			Parameters: literllm.Ptr(`{"type":"object","properties":{"city":{"type":"string"}}}`),
		}},
	}
	answer, err := client.Chat(context.Background(), request)
	if err != nil {
		log.Fatal(err)
	}
	request.Messages = append(request.Messages, answer.Message())
	for _, call := range answer.ToolCalls() {
		result := &literllm.ToolResultPart{ToolCallID: call.ID, Content: []literllm.ToolResultContent{&literllm.TextContent{Text: "22 °C"}}}
		request.Messages = append(request.Messages, literllm.Message{Role: literllm.RoleTool, Content: []literllm.Part{result}})
	}
}
