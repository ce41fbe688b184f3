import { checkInsApi } from '@loro/contracts/check-ins';
import { dutyApi } from '@loro/contracts/check-ins-duty';
import { locationPrivacyApi } from '@loro/contracts/check-ins-privacy';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import { routes } from '../../platform';
import type { CheckInsRoom } from './check-ins.room';

export const checkInsRoutes = ({ checkIns, recording, batch, records, review, photos, nonces }: CheckInsRoom) =>
  routes(checkInsApi, {
    list: ({ actor, query }) => checkIns.list(actor, query),
    get: ({ actor, params }) => checkIns.get(actor, params.checkInId),
    start: ({ actor, body }) => checkIns.start(actor, body),
    end: ({ actor, params, body }) => checkIns.end(actor, params.checkInId, body),
    record: ({ actor, body }) => recording.record(actor, body),
    recordBatch: ({ actor, body }) => batch.take(actor, body.items),
    records: ({ actor, query }) => records.list(actor, query),
    recorded: ({ actor, params }) => records.get(actor, params.recordId),
    categorise: ({ actor, params, body }) => records.categorise(actor, params.checkInId, body),
    photoNonce: ({ actor }) => nonces.give(actor),
    photo: ({ actor, params, body, file }) => photos.take(actor, params.checkInId, body, file),
    evidence: ({ actor, params, query }) => records.evidence(actor, params.checkInId, query.reason),
    reviewQueue: ({ actor, query }) => records.queue(actor, query),
    review: ({ actor, params, body }) => review.review(actor, params.checkInId, body),
    void: ({ actor, params, body }) => review.void(actor, params.checkInId, body),
  });

export const checkInSetupRoutes = ({ rules, devices, codes }: CheckInsRoom) =>
  routes(checkInSetupApi, {
    rules: ({ actor, query }) => rules.list(actor, query),
    rule: ({ actor, params }) => rules.get(actor, params.ruleId),
    makeRule: ({ actor, body }) => rules.create(actor, body),
    changeRule: ({ actor, params, body, ifMatch }) => rules.change(actor, params.ruleId, ifMatch, body.settings),
    removeRule: ({ actor, params, ifMatch }) => rules.remove(actor, params.ruleId, ifMatch),
    enrol: ({ actor, body }) => devices.enrol(actor, body),
    devices: ({ actor, query }) => devices.list(actor, query),
    removeDevice: ({ actor, params }) => devices.remove(actor, params.enrolledId),
    blockDevice: ({ actor, params, body }) => devices.block(actor, params.enrolledId, body),
    meetingCode: ({ actor, params }) => codes.current(actor, params.meetingId),
  });

export const locationPrivacyRoutes = ({ privacy, requests }: CheckInsRoom) =>
  routes(locationPrivacyApi, {
    profile: ({ actor }) => privacy.get(actor),
    setProfile: ({ actor, body }) => privacy.set(actor, body),
    notice: ({ actor }) => privacy.notice(actor),
    acknowledge: ({ actor, params }) => privacy.acknowledge(actor, Number(params.version)),
    looks: ({ actor, query }) => privacy.looks(actor, query),
    ask: ({ actor, body }) => requests.ask(actor, body),
    asked: ({ actor, query }) => requests.own(actor, query),
    copy: ({ actor, params }) => requests.copy(actor, params.requestId),
    requests: ({ actor, query }) => requests.list(actor, query),
    answer: ({ actor, params, body }) => requests.answer(actor, params.requestId, body),
    holds: ({ actor, query }) => requests.holds(actor, query),
    hold: ({ actor, body }) => requests.hold(actor, body),
    release: ({ actor, params }) => requests.release(actor, params.locationHoldId),
  });

export const dutyRoutes = ({ duty, challenges, alarms }: CheckInsRoom) =>
  routes(dutyApi, {
    board: ({ actor, query }) => duty.board(actor, query),
    mine: ({ actor }) => duty.mine(actor),
    set: ({ actor, body }) => duty.set(actor, body.state),
    challenge: ({ actor, body }) => challenges.ask(actor, body.userId),
    answer: ({ actor, params, body }) => challenges.answer(actor, params.challengeId, body.position),
    panic: ({ actor, body }) => alarms.panic(actor, body.position),
    endAlarm: ({ actor, params }) => alarms.end(actor, params.alarmId),
    aliveUntil: ({ actor, body }) => alarms.promise(actor, body.minutes),
  });
