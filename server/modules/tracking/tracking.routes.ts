import { trackingApi } from '@loro/contracts/tracking';
import { routes } from '../../platform';
import type { TrackingRoom } from './tracking.room';

export const trackingRoutes = (room: TrackingRoom) => {
  const { tracking, tracks, trackables, looks, journeys, playback, files, mileage, shares, fenceVisits } = room;
  return routes(trackingApi, {
    fenceDays: ({ actor, params, query }) => fenceVisits.days(actor, params.trackableId, query),
    report: ({ actor, body }) => tracking.report(actor, body),
    trackables: ({ actor, query }) => tracks.list(actor, query),
    positions: ({ actor, query }) => tracks.positions(actor, query),
    track: ({ actor, params, query }) => playback.track(actor, params.trackableId, query),
    trackable: ({ actor, params }) => trackables.get(actor, params.trackableId),
    addTrackable: ({ actor, body }) => trackables.add(actor, body),
    changeTrackable: ({ actor, params, ifMatch, body }) => trackables.change(actor, params.trackableId, ifMatch, body),
    dropTrackable: ({ actor, params }) => trackables.drop(actor, params.trackableId),
    devices: ({ actor, params }) => trackables.devices(actor, params.trackableId),
    enrolDevice: ({ actor, params, body }) => trackables.enrol(actor, params.trackableId, params.deviceId, body.userId),
    dropDevice: ({ actor, params }) => trackables.dropDevice(actor, params.trackableId, params.deviceId),
    setDriver: ({ actor, params, body }) => trackables.setDriver(actor, params.trackableId, body.userId),
    pause: ({ actor, params, body }) => trackables.pause(actor, params.trackableId, body.minutes),
    resume: ({ actor, params }) => trackables.resume(actor, params.trackableId),
    looks: ({ actor, query }) => looks.list(actor, query),
    look: ({ actor, body }) => looks.open(actor, body),
    endLook: ({ actor }) => looks.end(actor),
    trips: ({ actor, query }) => journeys.trips(actor, query),
    trip: ({ actor, params, query }) => journeys.trip(actor, params.tripId, query),
    classify: ({ actor, params, ifMatch, body }) => journeys.classify(actor, params.tripId, ifMatch, body),
    stops: ({ actor, query }) => journeys.stops(actor, query),
    gaps: ({ actor, query }) => journeys.gaps(actor, query),
    speedings: ({ actor, query }) => journeys.speedings(actor, query),
    days: ({ actor, params, query }) => journeys.days(actor, params.trackableId, query),
    mileage: ({ actor, params }) => mileage.month(actor, params.trackableId, params.month),
    mileageFile: ({ actor, params, query }) => mileage.file(actor, params.trackableId, params.month, query.format),
    closeMileage: ({ actor, params }) => mileage.close(actor, params.trackableId, params.month),
    mileageCloses: ({ actor, query }) => mileage.closes(actor, query),
    tripsFile: ({ actor, params, query }) => files.table(actor, params.table, query),
    trackFile: ({ actor, params, query }) => files.track(actor, params.trackableId, query),
    shareLinks: ({ actor, query }) => shares.list(actor, query),
    makeShareLink: ({ actor, body }) => shares.make(actor, body),
    endShareLink: ({ actor, params }) => shares.end(actor, params.shareId),
    openShareLink: ({ params }) => shares.open(params.token),
  });
};
