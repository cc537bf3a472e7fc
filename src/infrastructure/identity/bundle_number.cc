#include "infrastructure/identity/bundle_number.h"

#include <utility>

#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "infrastructure/identity/spiffe_bundle.h"

namespace pawl::identity {
namespace {

constexpr std::string_view kFormat = "pawl.trust-bundle-number/1";
constexpr std::size_t kMaxFile = 4096;

}  // namespace

// The file's name is a digest: a domain may be as long as a file's name can be.
BundleNumber::BundleNumber(Files& files, std::string folder, std::string domain)
    : files_(files),
      folder_(std::move(folder)),
      domain_(std::move(domain)),
      path_(folder_ + "/" + digest_text(sha256(domain_)) + ".json") {}

Result<std::unique_ptr<BundleNumber>> BundleNumber::open(Files& files, std::string folder,
                                                         std::string domain) {
  std::unique_ptr<BundleNumber> out(new BundleNumber(files, std::move(folder), std::move(domain)));
  const Status read = out->read();
  return read ? Result<std::unique_ptr<BundleNumber>>(std::move(out)) : fail(read.error());
}

Status BundleNumber::read() {
  const Result<std::string> text = read_file(files_, path_, kMaxFile);
  if (!text) {
    return text.error().code == Code::kNotFound ? Status{} : Status(fail(text.error()));
  }
  const Result<json::Parsed> parsed = json::parse(*text);
  const json::Value* sequence = parsed ? json::find(parsed->value, {"sequence"}) : nullptr;
  if (sequence == nullptr || !sequence->is_int64() || sequence->get_int64() < 0 ||
      json::find_string(parsed->value, {"format"}) != kFormat ||
      json::find_string(parsed->value, {"domain"}) != domain_) {
    return fail(Code::kMalformed, path_ + ": expected the format " + std::string(kFormat) +
                                      " and the number of the newest bundle of " + domain_ +
                                      "; remove the file to take a bundle of any number");
  }
  newest_ = sequence->get_int64();
  return {};
}

Status BundleNumber::admit(std::string_view bundle) {
  const Result<SpiffeBundle> fresh = read_bundle(bundle);
  if (!fresh) {
    return {};
  }
  SpiffeBundle before;
  before.sequence = newest_;
  if (Status follows = check_follows(*fresh, before); !follows) {
    return follows;
  }
  return fresh->sequence && fresh->sequence > newest_ ? keep(*fresh->sequence) : Status{};
}

Status BundleNumber::keep(std::int64_t number) {
  Status kept = make_durable_directory(files_, folder_);
  if (kept) {
    kept = write_file(
        files_, path_,
        json::print(json::Object{{"format", kFormat}, {"domain", domain_}, {"sequence", number}}) +
            "\n");
  }
  if (!kept) {
    return fail_at("bundle: its number cannot be kept", kept.error());
  }
  newest_ = number;
  return {};
}

Fetch admitted(Fetch fetch, std::shared_ptr<BundleNumber> number) {
  return [fetch = std::move(fetch), number = std::move(number)](
             const std::string& url, std::function<void(Result<std::string>)> done) {
    fetch(url, [number, done = std::move(done)](Result<std::string> text) {
      const Status good = text ? number->admit(*text) : Status{};
      done(good ? std::move(text) : fail(good.error()));
    });
  };
}

}  // namespace pawl::identity
