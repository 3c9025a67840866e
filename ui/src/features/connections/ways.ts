// Vendors that can be signed in to in several ways: a form asks which, and shows the fields of that way only.
import type { VendorField, VendorView } from "../../bindings/types";

/** The name of the field that says which way it is, if the vendor has several. */
export const wayField = (vendor: VendorView): string | null =>
  vendor.fields.find((field) => field.with !== null)?.with?.field ?? null;

/** The vendor as the form asks for it, given what is chosen: nothing of another way, and the credentials of
 * this one are needed. */
export function inWay(vendor: VendorView, values: Record<string, string>): VendorView {
  const goes = ({ with: one }: VendorField): boolean => one === null || values[one.field] === one.value;
  return {
    ...vendor,
    fields: vendor.fields
      .filter(goes)
      .map((field) => (field.with && field.secret ? { ...field, required: true } : field)),
  };
}
