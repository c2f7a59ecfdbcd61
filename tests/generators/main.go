// The Go client of OpenAPI Generator.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"generators/client"
)

type request struct {
	Schema string
	Body   json.RawMessage
}

func main() {
	configuration := generated.NewConfiguration()
	configuration.Servers = generated.ServerConfigurations{{URL: os.Getenv("OCAMBA_BASE_URL")}}
	api := generated.NewAPIClient(configuration).IntegrationsAPI
	authorized := context.WithValue(context.Background(), generated.ContextAccessToken, os.Getenv("OCAMBA_TOKEN"))
	text, err := os.ReadFile("requests.json")
	check(err)
	var requests []request
	check(json.Unmarshal(text, &requests))
	for _, it := range requests {
		var integration generated.CreateIntegration
		check(json.Unmarshal(it.Body, &integration))
		equal(reflect.TypeOf(integration.GetActualInstance()).Elem().Name(), it.Schema)
		_, err = api.ValidateIntegration(authorized).CreateIntegration(integration).Execute()
		check(err)
		created, _, err := api.CreateIntegration(authorized).CreateIntegration(integration).Execute()
		check(err)
		equal(created.GetStatus(), "active")
	}
	page, _, err := api.ListIntegrations(authorized).Page(1).Sort("id").Execute()
	check(err)
	equal(int(page.Total), len(requests))
	equal(len(page.Items), len(requests))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func equal(found, expected any) {
	if found != expected {
		panic(fmt.Sprintf("%v instead of %v", found, expected))
	}
}
