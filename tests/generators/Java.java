import com.fasterxml.jackson.databind.JsonNode;
import generated.ApiClient;
import generated.api.IntegrationsApi;
import generated.model.CreateIntegration;
import java.nio.file.Files;
import java.nio.file.Path;

/** The Java client of OpenAPI Generator. */
public class Java {
  public static void main(String[] arguments) throws Exception {
    var client = new ApiClient();
    client.updateBaseUri(System.getenv("OCAMBA_BASE_URL"));
    client.setRequestInterceptor(it -> it.header("Authorization", "Bearer " + System.getenv("OCAMBA_TOKEN")));
    var api = new IntegrationsApi(client);
    var json = client.getObjectMapper();
    JsonNode requests = json.readTree(Files.readString(Path.of("requests.json")));
    for (JsonNode request : requests) {
      var integration = json.treeToValue(request.get("body"), CreateIntegration.class);
      check(integration.getActualInstance().getClass().getSimpleName(), request.get("schema").asText());
      api.validateIntegration(integration);
      var created = api.createIntegration(integration);
      check(created.getProviderId(), request.get("body").get("provider_id").asText());
    }
    var page = api.listIntegrations(null, null, null, null, "id", 1, null, null);
    check(page.getTotal(), (long) requests.size());
    check(page.getItems().get(0).getName(), requests.get(0).get("body").get("name").asText());
  }

  private static void check(Object found, Object expected) {
    if (!expected.equals(found)) throw new AssertionError(found + " instead of " + expected);
  }
}
