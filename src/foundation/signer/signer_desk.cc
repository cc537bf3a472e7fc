#include "foundation/signer/signer_desk.h"

#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/keys/signer_wire.h"

namespace pawl::signer {
namespace {

constexpr std::string_view kFormat = "pawl.signer-heads/1";
constexpr std::size_t kMaxHeads = 1 << 20;
constexpr std::size_t kMaxOrigin = 512;
constexpr std::size_t kMostOfAHead = 128;  // beside the origin: the log's number, size, root
// So what keep() writes is read again.
static_assert(Signable::kMostLogs * (kMaxOrigin + kMostOfAHead) < kMaxHeads);

}  // namespace

SignerDesk::SignerDesk(Parts parts)
    : parts_(std::move(parts)),
      signable_({parts_.issuer, parts_.origin, parts_.keys.instance_kid(),
                 parts_.keys.instance_key().public_key(), parts_.keys.log_key().public_key(),
                 parts_.keys.former_keys()}) {}

Result<SignerDesk> SignerDesk::open(Parts parts) {
  if (parts.origin.size() > kMaxOrigin) {
    return fail(Code::kInvalidParams, "the signer: the names of domain and node are too long");
  }
  SignerDesk desk(std::move(parts));
  if (Status read = desk.read_heads(); !read) {
    return fail(read.error());
  }
  return desk;
}

Status SignerDesk::read_heads() {
  if (!parts_.files.exists(parts_.heads_file)) {
    return {};
  }
  const auto wrong = [this](const std::string& what) {
    return fail(Code::kMalformed,
                parts_.heads_file + ": " + what + "; without it a second history could be signed");
  };
  const Result<std::string> text = read_file(parts_.files, parts_.heads_file, kMaxHeads);
  const Result<json::Parsed> parsed = text ? json::parse(*text) : fail(text.error());
  if (!parsed) {
    return wrong(parsed.error().message);
  }
  const json::Value* heads = json::find(parsed->value, {"heads"});
  if (json::find_string(parsed->value, {"format"}) != kFormat || heads == nullptr ||
      !heads->is_object()) {
    return wrong("expected the format " + std::string(kFormat));
  }
  for (const auto& [origin, head] : heads->get_object()) {
    const json::Value* size = json::find(head, {"size"});
    const Result<std::string> root = base64_decode(json::find_string(head, {"root"}).value_or("!"));
    Signable::Head out;
    if (size == nullptr || !size->is_int64() || size->get_int64() < 0 || !root ||
        root->size() != out.root.size()) {
      return wrong("the head of " + std::string(origin) + " does not read");
    }
    out.size = static_cast<std::uint64_t>(size->get_int64());
    std::copy(root->begin(), root->end(), out.root.begin());
    signable_.remember(std::string(origin), out);
  }
  return {};
}

Status SignerDesk::keep() {
  if (is_kept_) {
    return {};
  }
  json::Object heads;
  for (const auto& [origin, head] : signable_.heads()) {
    heads[origin] = json::Object{{"size", head.size}, {"root", base64_encode(view(head.root))}};
  }
  Status written = write_file(parts_.files, parts_.heads_file,
                              json::print(json::Object{{"format", kFormat}, {"heads", heads}}));
  is_kept_ = written.has_value();
  return written;
}

std::string SignerDesk::answer(std::string_view line) {
  Result<std::string> answer = sign(line);
  if (!answer) {
    ++counters_.refused;
    return print_refusal(answer.error());
  }
  return *std::move(answer);
}

Result<std::string> SignerDesk::sign(std::string_view line) {
  const Result<Request> request = parse_request(line);
  if (!request) {
    return fail(request.error());
  }
  const bool is_log = request->key == WhichKey::kLog;
  const SigningKey& key = is_log ? parts_.keys.log_key() : parts_.keys.instance_key();
  if (request->is_public) {
    return print_public(key.public_key());
  }
  if (Status fit = is_log ? signable_.checkpoint(request->text)
                          : signable_.record(request->text, parts_.clock.wall());
      !fit) {
    return fail(fit.error());
  }
  is_kept_ = is_kept_ && !is_log;
  ++(is_log ? counters_.checkpoints : counters_.records);
  const Result<std::string> signature = key.sign(request->text);
  return signature ? Result<std::string>(print_signature(*signature)) : fail(signature.error());
}

}  // namespace pawl::signer
