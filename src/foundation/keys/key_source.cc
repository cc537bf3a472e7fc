#include "foundation/keys/key_source.h"

#include <algorithm>
#include <cctype>

#include "base/os/credential_file.h"
#include "foundation/keys/key_file.h"
#include "foundation/keys/private_file.h"
#include "foundation/keys/signer_key.h"
#include "foundation/pkcs11/token_key.h"

namespace pawl {
namespace {

constexpr std::string_view kCredentialPrefix = "credential:", kSignerPrefix = "signer:";
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxCredential = 64 * 1024;

bool is_credential_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '.' || c == '_' ||
                  c == '-';
         });
}

}  // namespace

Result<KeySource> KeySource::parse(const std::string& text) {
  KeySource out;
  out.text = text;
  if (text.empty() || text == "file") {
    return out;
  }
  if (text.starts_with(kCredentialPrefix)) {
    out.kind = Kind::kCredential;
    out.name = text.substr(kCredentialPrefix.size());
    if (!is_credential_name(out.name)) {
      return fail(Code::kInvalidParams,
                  "expected credential:NAME, a name of A-Z a-z 0-9 . _ - that begins with no dot");
    }
    return out;
  }
  if (Pkcs11Uri::is_one(text)) {
    Result<Pkcs11Uri> uri = Pkcs11Uri::parse(text);
    if (!uri) {
      return fail(uri.error());
    }
    out.kind = Kind::kToken;
    out.text = uri->shown();
    out.uri = *std::move(uri);
    return out;
  }
  if (text.starts_with(kSignerPrefix)) {
    out.kind = Kind::kSigner;
    out.name = text.substr(kSignerPrefix.size());
    return out.name.empty() ? fail(Code::kInvalidParams, "expected signer:SOCKET, a path")
                            : Result<KeySource>(std::move(out));
  }
  return fail(Code::kInvalidParams, "expected file, credential:NAME, pkcs11:... or signer:SOCKET");
}

Result<std::string> read_credential(Files& files, const std::string& credentials,
                                    const std::string& name) {
  const std::string expected =
      "; expected LoadCredential=" + name + ":FILE (or " + "LoadCredentialEncrypted=) in the unit";
  if (credentials.empty()) {
    return fail(Code::kNotFound,
                "$CREDENTIALS_DIRECTORY is not set: systemd handed no credential "
                "to this process" +
                    expected);
  }
  const std::string path = credentials + "/" + name;
  if (&files == &system_files()) {
    if (const Status safe = require_credential(path); !safe) {
      return safe.error().code == Code::kNotFound
                 ? fail(Code::kNotFound, "no file " + path + expected)
                 : fail(safe.error());
    }
  }
  return read_file(files, path, kMaxCredential);
}

namespace {

// Without the line end that editors put there.
Result<std::string> read_pin(Files& files, const std::string& place,
                             const std::string& credentials) {
  Result<std::string> pin =
      place.starts_with(kCredentialPrefix)
          ? read_credential(files, credentials, place.substr(kCredentialPrefix.size()))
          : read_private_file(files, place.substr(std::string_view("file:").size()));
  if (!pin) {
    return fail_at("the PIN of the token, " + place, pin.error());
  }
  while (!pin->empty() && (pin->back() == '\n' || pin->back() == '\r')) {
    pin->pop_back();
  }
  return pin->empty() ? fail(Code::kMalformed, "the PIN of the token, " + place + ": is empty")
                      : std::move(pin);
}

}  // namespace

Result<SigningKey> open_key_source(Files& files, const KeySource& source, KeyKind kind,
                                   const std::string& credentials) {
  if (source.kind == KeySource::Kind::kToken) {
    Result<SigningKey> key =
        open_token_key(*source.uri, kind, [&files, place = source.uri->pin_source(), credentials] {
          return read_pin(files, place, credentials);
        });
    return key ? key : fail_at(source.text, key.error());
  }
  if (source.kind == KeySource::Kind::kSigner) {
    Result<SigningKey> key = open_signer_key(source.name, kind);
    return key ? key : fail_at(source.text, key.error());
  }
  const Result<std::string> pem = read_credential(files, credentials, source.name);
  Result<SigningKey> key = pem ? key_of_pem(*pem, kind) : fail(pem.error());
  return key ? key : fail_at(source.text, key.error());
}

Status check_credentials(Files& files, const KeySources& sources) {
  struct Place {
    const char* member;
    const KeySource& source;
    KeyKind kind;
  };
  const KeySource next = sources.next.value_or(KeySource{});
  for (const Place& place : {Place{"keys.instance", sources.instance, KeyKind::kP256},
                             {"keys.log", sources.log, KeyKind::kEd25519},
                             {"keys.next", next, KeyKind::kP256}}) {
    if (place.source.kind != KeySource::Kind::kCredential) {
      continue;
    }
    const auto key = open_key_source(files, place.source, place.kind, sources.credentials);
    if (!key) {
      return fail_at(place.member, key.error());
    }
  }
  return {};
}

}  // namespace pawl
