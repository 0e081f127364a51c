// PWM on several pins; a duty of 0 and of 255, and a pin that becomes digital again.
void setup() {
  analogWrite(3, 10);
  analogWrite(6, 128);
  delay(50);
  analogWrite(3, 200);
  delay(50);
  analogWrite(6, 64);
  delay(50);
  digitalWrite(6, LOW);
}

void loop() {}
