import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { notFound } from "#platform/rpc/error.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { checkProgram } from "./check-program.ts";
import { findVerification, VERIFIER_VERSION } from "./store.ts";
import { type VerifyDeps, verify } from "./verify.ts";

/** The RPCs of the verification service. */
export function routes(deps: VerifyDeps): Handlers<typeof VerificationService> {
  return {
    verify: async (request, call) => {
      const row = await verify(request, deps, call);
      const { results, verdict, version, digest } = row;
      return { results: [...results], verdict, verificationId: row.id, version, digest };
    },

    checkProgram: (request, call) => checkProgram(request, deps, call),

    getVerification: async ({ verificationId }, call) => {
      const row = await findVerification(deps.database.db, call.client.clientId, verificationId);
      if (row === undefined) throw notFound("verification", verificationId);
      const { anrfId, version, digest, results, verdict } = row;
      const createTime = timestampFromDate(row.createTime);
      const verification = {
        verificationId,
        anrfId,
        version,
        digest,
        results: [...results],
        verdict,
        createTime,
      };
      return { verification: { ...verification, verifierVersion: VERIFIER_VERSION } };
    },
  };
}
