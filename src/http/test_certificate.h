// A self-signed certificate for 127.0.0.1 with its key, made for a test and written to files.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

namespace vigie::http {

struct TestCertificate {
  std::string certificate_file;
  std::string key_file;

  // `prefix` begins the files' paths; those of the same prefix are written again, with another key.
  TestCertificate(const std::string& prefix, const std::string& common_name, const char* passphrase = nullptr)
      : certificate_file(prefix + "-certificate.pem"), key_file(prefix + "-key.pem") {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
    X509* const it = certificate.get();
    X509_set_version(it, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(it), 1);
    X509_gmtime_adj(X509_getm_notBefore(it), -3600);
    X509_gmtime_adj(X509_getm_notAfter(it), 3600);
    X509_set_pubkey(it, key.get());
    X509_NAME* const name = X509_get_subject_name(it);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(it, name);
    X509_EXTENSION* const address = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(it, address, -1);
    X509_EXTENSION_free(address);
    X509_sign(it, key.get(), EVP_sha256());
    if (std::FILE* const file = std::fopen(certificate_file.c_str(), "w")) {
      PEM_write_X509(file, it);
      std::fclose(file);
    }
    if (std::FILE* const file = std::fopen(key_file.c_str(), "w")) {
      const EVP_CIPHER* const cipher = passphrase == nullptr ? nullptr : EVP_aes_128_cbc();
      PEM_write_PrivateKey(file, key.get(), cipher, nullptr, 0, nullptr, const_cast<char*>(passphrase));
      std::fclose(file);
    }
  }
};

}  // namespace vigie::http
