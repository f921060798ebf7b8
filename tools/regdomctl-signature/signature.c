// SPDX-License-Identifier: GPL-2.0
/* What regdomctl runs for its commands sign and verify: see ../regdomctl/signature.c. */
#include "../regdomctl/buffer.h"

#include <getopt.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>

#include "../common/output.h"
#include "../common/tool.h"

/*
 * As the kernel takes it: detached, of the bytes as they are, without signed
 * attributes (RFC 5652, 5.3).
 */
#define SIGN_FLAGS (CMS_DETACHED | CMS_BINARY | CMS_NOATTR)

/* Ends a command with what OpenSSL said last, or with `otherwise`. */
static int openssl_refused(const char *what, const char *otherwise)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;
	char why[300];

	snprintf(why, sizeof(why), "%s%s%s%s", otherwise, reason ? " (" : "",
		 reason ?: "", reason ? ")" : "");
	return tool_refused(what, why);
}

static X509 *read_certificate(const char *path)
{
	BIO *bio = BIO_new_file(path, "rb");
	X509 *certificate = NULL;

	if (!bio) {
		openssl_refused(path, "cannot open the certificate");
		return NULL;
	}
	certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (!certificate && BIO_reset(bio) == 0)
		certificate = d2i_X509_bio(bio, NULL);
	BIO_free(bio);
	if (!certificate)
		openssl_refused(path, "no X.509 certificate, neither PEM nor DER");
	return certificate;
}

static EVP_PKEY *read_key(const char *path)
{
	BIO *bio = BIO_new_file(path, "rb");
	EVP_PKEY *key;

	if (!bio) {
		openssl_refused(path, "cannot open the key");
		return NULL;
	}
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (!key)
		openssl_refused(path, "no private key in PEM form, or a wrong passphrase");
	return key;
}

static int write_signature(CMS_ContentInfo *cms, const char *path)
{
	struct buffer file = { 0 };
	unsigned char *der = NULL;
	int ret, size = i2d_CMS_ContentInfo(cms, &der);

	if (size < 0)
		return openssl_refused(path, "cannot encode the signature");
	buffer_put(&file, der, size);
	OPENSSL_free(der);
	ret = buffer_write(&file, path);
	buffer_free(&file);
	return ret ? tool_refused_errno(path, ret) : TOOL_DONE;
}

struct sign_request {
	const char *file;
	const char *key;
	const char *certificate;
	const char *output;
};

static int sign(const struct sign_request *r, X509 *certificate, EVP_PKEY *key)
{
	CMS_ContentInfo *cms = NULL;
	struct buffer data;
	BIO *bio;
	int ret;

	if (!X509_check_private_key(certificate, key))
		return openssl_refused(r->key, "not the key of this certificate: name the one that belongs to it");
	ret = buffer_read(&data, r->file);
	if (ret)
		return tool_refused_errno(r->file, ret);
	bio = BIO_new_mem_buf(data.bytes, data.size);
	if (bio)
		cms = CMS_sign(NULL, NULL, NULL, bio, SIGN_FLAGS | CMS_PARTIAL);
	if (!cms || !CMS_add1_signer(cms, certificate, key, EVP_sha256(), SIGN_FLAGS) ||
	    !CMS_final(cms, bio, NULL, SIGN_FLAGS))
		ret = openssl_refused(r->file, "cannot sign with this key: take an RSA or EC key");
	else
		ret = write_signature(cms, r->output);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	buffer_free(&data);
	return ret;
}

static int parse_sign(int argc, char **argv, struct sign_request *r)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "cert", required_argument, NULL, 'c' },
		{ "output", required_argument, NULL, 'o' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "k:c:o:", options, NULL)) != -1) {
		if (opt == 'k')
			r->key = optarg;
		else if (opt == 'c')
			r->certificate = optarg;
		else if (opt == 'o')
			r->output = optarg;
		else
			return tool_usage("sign", "bad option");
	}
	if (argc - optind != 1 || !r->key || !r->certificate || !r->output)
		return tool_usage("sign", "needs --key KEY --cert CERT FILE -o FILE.p7s");
	r->file = argv[optind];
	return TOOL_DONE;
}

static int run_sign(int argc, char **argv)
{
	struct sign_request r = { 0 };
	X509 *certificate;
	EVP_PKEY *key = NULL;
	int ret;

	ret = parse_sign(argc, argv, &r);
	if (ret)
		return ret;
	ret = TOOL_REFUSED;
	certificate = read_certificate(r.certificate);
	if (certificate)
		key = read_key(r.key);
	if (key)
		ret = sign(&r, certificate, key);
	if (ret == TOOL_DONE) {
		out_open();
		out_string("signature", "%s: ", r.output);
		out_string("file", "signature of %s\n", r.file);
		out_close();
	}
	EVP_PKEY_free(key);
	X509_free(certificate);
	return ret;
}

struct verify_request {
	const char *file;
	const char *signature;
	STACK_OF(X509) *trusted;	/* empty: none was named */
};

static CMS_ContentInfo *read_signature(const char *path)
{
	CMS_ContentInfo *cms = NULL;
	const unsigned char *at;
	struct buffer file;
	int ret;

	ret = buffer_read(&file, path);
	if (ret) {
		tool_refused_errno(path, ret);
		return NULL;
	}
	at = file.bytes;
	if (file.size)
		cms = d2i_CMS_ContentInfo(NULL, &at, file.size);
	if (cms && at != file.bytes + file.size) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	if (!cms)
		openssl_refused(path, "no PKCS#7 signature in DER form, or cut off: fetch it again");
	buffer_free(&file);
	return cms;
}

static int check_time(const char *path, X509 *certificate)
{
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		return tool_refused(path, "the signer's certificate is not valid yet: check the clock");
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		return tool_refused(path, "the signer's certificate has expired: sign again with a valid one");
	return TOOL_DONE;
}

static void show_signers(STACK_OF(X509) *signers, bool trusted)
{
	char name[256];
	int i;

	out_open_array("signers");
	for (i = 0; i < sk_X509_num(signers); i++) {
		X509_NAME_oneline(X509_get_subject_name(sk_X509_value(signers, i)),
				  name, sizeof(name));
		out_string(NULL, "good signature of %s\n", name);
	}
	out_close_array();
	out_bool("trusted", NULL, trusted);
	if (!trusted)
		out_text("with the certificate that came with it: anyone can make one. Name the one you trust with --cert.\n");
}

static int check_signers(const struct verify_request *r, CMS_ContentInfo *cms)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	int i, ret = TOOL_DONE;

	for (i = 0; !ret && i < sk_X509_num(signers); i++)
		ret = check_time(r->signature, sk_X509_value(signers, i));
	if (ret == TOOL_DONE) {
		out_open();
		out_string("file", NULL, r->file);
		show_signers(signers, sk_X509_num(r->trusted) > 0);
		out_close();
	}
	sk_X509_free(signers);
	return ret;
}

static int verify(const struct verify_request *r, CMS_ContentInfo *cms)
{
	bool named = sk_X509_num(r->trusted) > 0;
	/* the certificates are trusted as they are, as in the kernel's keyring */
	unsigned int flags = CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY |
			     (named ? CMS_NOINTERN : 0);
	struct buffer data;
	BIO *bio;
	int ret;

	if (CMS_get0_content(cms) && *CMS_get0_content(cms))
		return tool_refused(r->signature, "holds data of its own: a detached signature is needed");
	ret = buffer_read(&data, r->file);
	if (ret)
		return tool_refused_errno(r->file, ret);
	bio = BIO_new_mem_buf(data.bytes, data.size);
	if (bio && CMS_verify(cms, r->trusted, NULL, bio, NULL, flags) == 1)
		ret = check_signers(r, cms);
	else
		ret = openssl_refused(r->signature, named ?
			"not a signature of this file by the holders of these certificates" :
			"not a signature of this file");
	BIO_free(bio);
	buffer_free(&data);
	return ret;
}

static int parse_verify(int argc, char **argv, struct verify_request *r)
{
	static const struct option options[] = {
		{ "cert", required_argument, NULL, 'c' },
		{ }
	};
	X509 *certificate;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		if (opt != 'c')
			return tool_usage("verify", "bad option");
		certificate = read_certificate(optarg);
		if (!certificate)
			return TOOL_REFUSED;
		sk_X509_push(r->trusted, certificate);
	}
	if (argc - optind != 2)
		return tool_usage("verify", "needs FILE FILE.p7s");
	r->file = argv[optind];
	r->signature = argv[optind + 1];
	return TOOL_DONE;
}

static int run_verify(int argc, char **argv)
{
	struct verify_request r = { .trusted = sk_X509_new_null() };
	CMS_ContentInfo *cms;
	int ret;

	ret = parse_verify(argc, argv, &r);
	if (ret == TOOL_DONE) {
		cms = read_signature(r.signature);
		ret = cms ? verify(&r, cms) : TOOL_REFUSED;
		CMS_ContentInfo_free(cms);
	}
	sk_X509_pop_free(r.trusted, X509_free);
	return ret;
}

/* Those who call it know how, by regdomctl's help. */
static const struct command commands[] = {
	{ "sign", run_sign, "", "" },
	{ "verify", run_verify, "", "" },
	{ NULL }
};

int main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "regdomctl",
		.summary = "The commands of regdomctl that need OpenSSL",
		.commands = commands,
	};

	return tool_main(&tool, argc, argv);
}
