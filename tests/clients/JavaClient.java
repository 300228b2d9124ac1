// Java's own HttpClient against VIGIE_URL; see each. It is left as it comes, so that its first request offers HTTP/2 by an
// Upgrade, which a server may ignore.
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

public final class JavaClient {
  private interface Check {
    void run() throws Exception;
  }

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Path TRANSACTION = Path.of(System.getenv("VIGIE_TRANSACTION"));
  private static final Path CSV = Path.of(System.getenv("VIGIE_CSV"));
  private static final Path SCORED = Path.of(System.getenv("VIGIE_SCORED"));

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(System.getenv("VIGIE_URL") + path)).timeout(Duration.ofSeconds(60));
  }

  private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> post(String path, String type, BodyPublisher body) throws Exception {
    return send(request(path).header("Content-Type", type).POST(body));
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static void expect(boolean right, String what) {
    if (!right) throw new IllegalStateException(what);
  }

  private static void expectStatus(int wanted, HttpResponse<byte[]> answer) {
    expect(answer.statusCode() == wanted, "want " + wanted + ", got " + answer.statusCode() + " " + text(answer));
  }

  // The JDK reads no JSON, and this needs one number of it.
  private static double number(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\": ?([-+0-9.eE]+)").matcher(json);
    expect(found.find(), "no " + name + " in " + json);
    return Double.parseDouble(found.group(1));
  }

  private static void health() throws Exception {
    HttpResponse<byte[]> answer = send(request("/health"));
    expectStatus(200, answer);
    expect(text(answer).contains("\"status\": \"ok\""), text(answer));
  }

  private static void predict() throws Exception {
    HttpResponse<byte[]> answer = post("/predict", "application/json", BodyPublishers.ofFile(TRANSACTION));
    expectStatus(200, answer);
    String decision = text(answer);
    double score = number(decision, "hybrid_score");
    expect(score == Double.parseDouble(System.getenv("VIGIE_SCORE")), "another score than vigie score gives: " + decision);
    expect(number(decision, "fraud") == (score > number(decision, "threshold_used") ? 1 : 0), decision);
  }

  private static void invalid() throws Exception {
    HttpResponse<byte[]> answer = post("/predict", "application/json", BodyPublishers.ofString("{\"Time\": \"yesterday\"}"));
    expectStatus(422, answer);
    expect(text(answer).contains("[\"body\", \"Time\"]") && text(answer).contains("[\"body\", \"V28\"]"), text(answer));
  }

  private static void packedPage() throws Exception {
    byte[] plain = send(request("/docs")).body();
    HttpResponse<byte[]> packed = send(request("/docs").header("Accept-Encoding", "gzip"));
    expect(packed.headers().firstValue("Content-Encoding").orElse("none").equals("gzip"), packed.headers().toString());
    byte[] page = new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes();
    expect(Arrays.equals(page, plain), "the page is another one when it is compressed");
  }

  // As the server counts them: nobody else is asking.
  private static void oneConnection() throws Exception {
    double before = number(text(send(request("/metrics"))), "accepted");
    for (int i = 0; i < 5; ++i) {
      health();
      predict();
      invalid();
    }
    double made = number(text(send(request("/metrics"))), "accepted") - before;
    expect(made == 0, made + " new connections for 16 requests");
  }

  private static void expectScored(HttpResponse<byte[]> answer) throws Exception {
    expect(answer.statusCode() == 200, "status " + answer.statusCode());
    byte[] scored = Files.readAllBytes(SCORED);
    expect(Arrays.equals(answer.body(), scored),
        answer.body().length + " bytes, vigie score gives " + scored.length + ", or others");
  }

  private static void batchOfALength() throws Exception {
    expectScored(post("/predict-batch", "text/csv", BodyPublishers.ofFile(CSV)));
  }

  // A stream has no length, so that it goes in chunks.
  private static void batchInChunks() throws Exception {
    expectScored(post("/predict-batch", "text/csv", BodyPublishers.ofInputStream(() -> {
      try {
        return Files.newInputStream(CSV);
      } catch (java.io.IOException gone) {
        throw new java.io.UncheckedIOException(gone);
      }
    })));
  }

  public static void main(String[] arguments) {
    Map<String, Check> checks = new LinkedHashMap<>();
    checks.put("health", JavaClient::health);
    checks.put("predict", JavaClient::predict);
    checks.put("invalid", JavaClient::invalid);
    checks.put("packedPage", JavaClient::packedPage);
    checks.put("oneConnection", JavaClient::oneConnection);
    checks.put("batchOfALength", JavaClient::batchOfALength);
    checks.put("batchInChunks", JavaClient::batchInChunks);
    checks.put("health again", JavaClient::health);
    int failures = 0;
    for (Map.Entry<String, Check> check : checks.entrySet()) {
      try {
        check.getValue().run();
      } catch (Exception error) {  // whatever it makes of an answer, the others are tried too
        ++failures;
        System.err.println("HttpClient: " + check.getKey() + ": " + error);
      }
    }
    System.exit(failures == 0 ? 0 : 1);
  }
}
