// A potentiometer, and a reading that is mapped to a PWM duty.
void setup() {
  Serial.begin(115200);
}

void loop() {
  int a = analogRead(A0);
  int b = analogRead(A1);
  Serial.println(String(a) + " " + b + " " + analogRead(0));
  analogWrite(9, map(a, 0, 1023, 0, 255));
  delay(100);
}
